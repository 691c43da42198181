namespace Gradus.Diagnosis;

/// <summary>What a finding is about.</summary>
public enum DiagnosisKind
{
    /// <summary>Predicted counts move because tuned thresholds move.</summary>
    ThresholdEffect,

    /// <summary>Predicted counts move because scores move.</summary>
    ScoreEffect,

    /// <summary>Validation images were trained on, or look as if they had been.</summary>
    Leak,

    /// <summary>Training goes on improving what validation no longer confirms.</summary>
    Overfitting,

    /// <summary>A grade is predicted more often, or less, than it occurs.</summary>
    Bias,

    /// <summary>Which differences are smaller than chance makes them.</summary>
    Noise,
}

/// <summary>How much a finding matters.</summary>
public enum Severity
{
    /// <summary>Good to know.</summary>
    Info,

    /// <summary>Something to act on or to explain.</summary>
    Warning,

    /// <summary>The run's figures cannot be believed.</summary>
    Error,
}

/// <summary>One sentence of a diagnosis.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Sentence">The answer in words.</param>
/// <param name="Evidence">The figures behind it.</param>
public sealed record Finding(DiagnosisKind Kind, Severity Severity, string Sentence, string Evidence);
