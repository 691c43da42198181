namespace Gradus.Thresholds;

/// <summary>Sorting scores is most of the work of an exact search, so it is done digit by digit where that is faster.</summary>
internal static class RisingOrder
{
    private const int DigitBits = 11;
    private const int Digits = 3; // the upper 33 of 64 bits; the few scores that agree in them are compared
    private const int Shift = 64 - Digits * DigitBits;
    private const int Few = 1000; // below, the digits' tables cost more than comparing

    /// <summary>Sorts (N) scores, none of them NaN, and the grades with them.</summary>
    public static void Sort(double[] scores, int[] grades)
    {
        if (scores.Length < Few)
        {
            Array.Sort(scores, grades);
            return;
        }
        const int Size = 1 << DigitBits;
        var from = new (ulong Key, int Grade)[scores.Length];
        var to = new (ulong Key, int Grade)[scores.Length];
        var counts = new int[Digits * Size];
        for (int i = 0; i < scores.Length; i++)
        {
            ulong key = KeyOf(scores[i]);
            from[i] = (key, grades[i]);
            for (int digit = 0; digit < Digits; digit++)
                counts[digit * Size + Digit(key, digit)]++;
        }
        for (int digit = 0; digit < Digits; digit++)
        {
            Span<int> places = counts.AsSpan(digit * Size, Size);
            if (places[Digit(from[0].Key, digit)] == from.Length)
                continue; // all have the same
            int before = 0;
            foreach (ref int place in places)
                (place, before) = (before, before + place);
            foreach ((ulong Key, int Grade) image in from)
                to[places[Digit(image.Key, digit)]++] = image;
            (from, to) = (to, from);
        }
        for (int start = 0, end; start < from.Length; start = end)
        {
            bool differ = false;
            for (end = start + 1; end < from.Length && from[end].Key >> Shift == from[start].Key >> Shift; end++)
                differ |= from[end].Key != from[start].Key;
            if (differ)
                from.AsSpan(start, end - start).Sort(static (a, b) => a.Key.CompareTo(b.Key));
        }
        for (int i = 0; i < scores.Length; i++)
            (scores[i], grades[i]) = (ScoreOf(from[i].Key), from[i].Grade);
    }

    private static int Digit(ulong key, int digit) => (int)(key >> (Shift + digit * DigitBits)) & ((1 << DigitBits) - 1);

    // The bits of positive numbers rise with them; those of negative ones fall, so they are turned over.
    private static ulong KeyOf(double score)
    {
        long bits = BitConverter.DoubleToInt64Bits(score);
        return (ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }

    private static double ScoreOf(ulong key)
    {
        long bits = (long)key;
        return BitConverter.Int64BitsToDouble(bits ^ (~(bits >> 63) | long.MinValue));
    }
}
