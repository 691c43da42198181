namespace Gradus.Torch.Explanation;

/// <summary>How the channels of a feature map are weighed against each other.</summary>
public enum CamMethod
{
    /// <summary>By the mean of their gradient (Selvaraju et al. 2017, equations 1 and 2).</summary>
    GradCam,

    /// <summary>By a weighted mean of their positive gradient, which gives several small places their due (Chattopadhay et al. 2018, equations 5 and 19).</summary>
    GradCamPlusPlus,
}
