namespace Gradus.Imaging;

/// <summary>
/// Which part of a photograph a recipe's square shows: what undoes crop, stretch and padding. Coordinates lie between pixel borders, so that
/// pixel 0 covers 0 to 1.
/// </summary>
public sealed class RecipeGeometry
{
    private readonly Region _taken, _placed;

    internal RecipeGeometry(int width, int height, int size, Region taken, Region placed) =>
        (Width, Height, Size, _taken, _placed) = (width, height, size, taken, placed);

    /// <summary>Pixels across of the upright photograph at full size.</summary>
    public int Width { get; }

    /// <summary>Pixels down of the upright photograph at full size.</summary>
    public int Height { get; }

    /// <summary>Pixels a side of the square.</summary>
    public int Size { get; }

    /// <summary>Where a point of the square lies on the photograph.</summary>
    /// <param name="x">0 to <see cref="Size"/>, from the left.</param>
    /// <param name="y">0 to <see cref="Size"/>, from the top.</param>
    public (double X, double Y) ToPhotograph(double x, double y) => (
        _taken.Left + (x - _placed.Left) * _taken.Width / _placed.Width,
        _taken.Top + (y - _placed.Top) * _taken.Height / _placed.Height);

    /// <summary>Where a point of the photograph lies on the square; null where the recipe cut it off.</summary>
    /// <param name="x">0 to <see cref="Width"/>, from the left.</param>
    /// <param name="y">0 to <see cref="Height"/>, from the top.</param>
    public (double X, double Y)? ToSquare(double x, double y) =>
        x < _taken.Left || x > _taken.Right || y < _taken.Top || y > _taken.Bottom
            ? null
            : (_placed.Left + (x - _taken.Left) * _placed.Width / _taken.Width, _placed.Top + (y - _taken.Top) * _placed.Height / _taken.Height);
}
