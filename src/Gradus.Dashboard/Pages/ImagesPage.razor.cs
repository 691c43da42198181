using System.Collections.Immutable;
using System.Globalization;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Runs;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>The validation images of a run, the most wrong first. What is shown of them stands in the address.</summary>
public sealed partial class ImagesPage
{
    private LargeView? _view;
    private ImmutableArray<EpochRecord> _epochs = [];
    private ImmutableArray<GalleryImage> _images = [], _shown = [];
    private ExplainedImages? _explained;
    private HashSet<ImageKey> _maps = [];
    private DateTime _explainedAt;
    private EpochRecord? _epoch;
    private (int Epoch, bool Tuned, ImmutableArray<EpochRecord> Records)? _read;
    private (int?, string?, int?, int?, string?) _asked;
    private int? _best;
    private string? _problem;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    [Inject] internal NavigationManager Address { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "epoch")] public string? EpochText { get; set; }

    /// <summary>"default" for default thresholds.</summary>
    [SupplyParameterFromQuery(Name = "at")] public string? Thresholds { get; set; }

    [SupplyParameterFromQuery(Name = "grade")] public string? GradeText { get; set; }

    [SupplyParameterFromQuery(Name = "predicted")] public string? PredictedText { get; set; }

    /// <summary>1 to show also what is right.</summary>
    [SupplyParameterFromQuery(Name = "all")] public string? All { get; set; }

    // Texts, since an address is typed by people: what is no number is as if it were not there.
    private int? Epoch => Number(EpochText);

    private int? Grade => Number(GradeText);

    private int? Predicted => Number(PredictedText);

    private bool Tuned => Thresholds != "default";

    private bool WrongOnly => All != "1";

    private string Words => $"{Figures.Count(_shown.Length)} of {Figures.Count(_images.Length)} images, {Figures.Count(_images.Count(i => i.IsWrong))} wrong";

    private protected override void Forget() => (_read, _epoch, _images, _explained, _explainedAt, _maps, _problem) = (null, null, [], null, default, [], null);

    private protected override async Task<bool> ReadAsync()
    {
        (int?, string?, int?, int?, string?) asked = (Epoch, Thresholds, Grade, Predicted, All);
        // Images that somebody is looking at do not change their places under the eyes.
        if (Tail is not { } tail || (_view?.IsOpen == true && asked == _asked))
            return false;
        bool changed = tail.Refresh() | asked != _asked | GalleryReader.ExplainedAt(tail.Folder) != _explainedAt;
        if (!changed || tail.Info is not { } info)
            return changed;
        _asked = asked;
        try
        {
            _epochs = GalleryReader.Epochs(tail.Folder, tail.Records);
            _best = tail.Records.IsEmpty ? null : Selection.Rank(tail.Records, info.Experiment.Select)[0];
            _epoch = _epochs.FirstOrDefault(r => r.Epoch == (Epoch ?? _best)) ?? _epochs.LastOrDefault();
            bool tuned = Tuned;
            if (_epoch is { } record && _read != (record.Epoch, tuned, tail.Records))
            {
                _images = await Task.Run(() => GalleryReader.Read(tail.Folder, info.Experiment, record, tuned));
                _read = (record.Epoch, tuned, tail.Records);
            }
            _problem = null;
            ReadMaps(tail.Folder);
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            _problem = e.Message;
        }
        _shown = [.. _images.Where(i => (!WrongOnly || i.IsWrong) && (Grade is null || i.Judgement.Grade == Grade) && (Predicted is null || i.Judgement.Predicted == Predicted))];
        return true;
    }

    private void ReadMaps(RunFolder folder)
    {
        DateTime at = GalleryReader.ExplainedAt(folder);
        if (at == _explainedAt)
            return;
        _explainedAt = at;
        _explained = GalleryReader.Explained(folder);
        _maps = [.. _explained?.Images.Select(i => new ImageKey(i.Source, i.Id)) ?? []];
    }

    private bool HasMap(GalleryImage image) => _maps.Contains(image.Key);

    private void Choose(string name, string? value) => Address.NavigateTo(Address.GetUriWithQueryParameter(name, value), replace: true);

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? Chosen(ChangeEventArgs e) => (string?)e.Value is { Length: > 0 } text ? text : null;
}
