namespace Gradus.Torch.Checkpoints;

/// <summary>A checkpoint that went into an average of weights.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Sha256">Of the file's bytes, 64 lower-case hexadecimal digits.</param>
public sealed record AveragedCheckpoint(string Run, int Epoch, string Sha256);
