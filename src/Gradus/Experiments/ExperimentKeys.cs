using System.Collections.Immutable;

namespace Gradus.Experiments;

/// <summary>One key of an experiment file.</summary>
/// <param name="Name">As written in the file.</param>
/// <param name="Required">True where the file is refused without it.</param>
/// <param name="Meaning">One line for comments, editors and error messages.</param>
public sealed record ExperimentKey(string Name, bool Required, string Meaning);

/// <summary>The keys that may stand together in one block of an experiment file.</summary>
/// <param name="Name">The block's place, such as <c>train.optimizer.sgd</c>; the name of its definition in the JSON Schema.</param>
/// <param name="Keys">Its keys, in the order in which they are explained.</param>
public sealed record KeyBlock(string Name, ImmutableArray<ExperimentKey> Keys)
{
    /// <summary>The key of that name, null where the block has none.</summary>
    public ExperimentKey? Find(string name) => Keys.FirstOrDefault(k => k.Name == name);

    /// <summary>The key's one line.</summary>
    /// <exception cref="InvalidOperationException">The block has no such key.</exception>
    public string Meaning(string name) => Find(name)?.Meaning ?? throw new InvalidOperationException($"{Name} has no key {name}");
}

/// <summary>
/// Every key an experiment file may hold, with its one line of explanation. The reader can ask for no other key and must ask
/// for all of these, so a key that is accepted but never read cannot exist; the JSON Schema and the template of <c>init</c> take
/// their words from here.
/// </summary>
public static class ExperimentKeys
{
    /// <summary>The top level.</summary>
    public static KeyBlock Experiment { get; } = Block(
        "experiment",
        "scale*: The grades in order, the mildest first.",
        "sources*: Where images and grades come from; at least one with role main.",
        "test: The set to predict; its grades are optional.",
        "conflicts: What happens to identical images with different grades: quarantine (default), drop, keep, majority, lowest, highest or { file: decisions.csv }.",
        "recipe*: From the source image to the network's square: geometry, then colour.",
        "normalise: Means and standard deviations of the input; by default what the weights were trained with, else ImageNet's.",
        "split: Stratified folds over the main sources; 5 folds by default, none where a source has role validation.",
        "augment: Random changes to training batches; none by default.",
        "sampling: How training images are drawn; by default each once an epoch.",
        "model*: The network.",
        "target*: What the network is asked for: ordinal, coral, corn, soft_labels, cross_entropy, regression or binary.",
        "thresholds: How thresholds are tuned on validation: shared (default) or per_output for cumulative outputs, or a block that says more.",
        "train*: The optimisation.",
        "select: Which checkpoints are kept.",
        "notify: Whom a finished or failed run tells.");

    /// <summary>Whom a run tells.</summary>
    public static KeyBlock Notify { get; } = Block(
        "notify",
        "webhook: An http or https address that takes a JSON document by POST; ${NAME} is taken from the environment when the run ends.",
        "command: A list of a program and its arguments, run without a shell, with the document on its standard input.",
        "seconds: How long either may take, 10 by default.");

    /// <summary>A source that is a CSV beside a folder of images.</summary>
    public static KeyBlock CsvSource { get; } = Block(
        "sources.csv",
        [
            "name*: The name that findings and counts use.",
            "role: main (split into folds, default), external (training only), pseudo (training only, graded by a model) or validation (takes the place of a split).",
            "labels*: The CSV file with a row an image.",
            "id*: The column that names the image.",
            "grade*: The column with the grade: 0 to K-1 or a name of the scale; or { one_hot: [a column for each " +
            "grade] }.",
            "images*: The folder of the images.",
            "extension: Appended to the id, with its dot; \"\" where ids are file names; looked for where it is left out.",
            "group: The column of what must not be split, such as patient or slide; or { from: id, pattern: REGEX }.",
            .. Foreign,
        ]);

    /// <summary>A source that is a folder a grade.</summary>
    public static KeyBlock FolderSource { get; } = Block(
        "sources.folder",
        [
            "name*: The name that findings and counts use.",
            "role: main (split into folds, default), external (training only), pseudo (training only, graded by a model) or validation (takes the place of a split).",
            "folder*: The folder that holds a folder a grade, each named like the grade or its number.",
            "group: What must not be split, from the path below the folder: { from: id, pattern: REGEX }.",
            .. Foreign,
        ]);

    /// <summary>A source that is a MedMNIST archive.</summary>
    public static KeyBlock NpzSource { get; } = Block(
        "sources.npz",
        [
            "name*: The name that findings and counts use.",
            "role: main (split into folds, default), external (training only), pseudo (training only, graded by a model) or validation (takes the place of a split).",
            "npz*: The MedMNIST archive.",
            "split*: Which of its arrays: train, val or test.",
            .. Foreign,
        ]);

    /// <summary>A test set that is a CSV beside a folder of images.</summary>
    public static KeyBlock CsvTest { get; } = Block(
        "test.csv",
        "name: The name that findings and counts use; test by default.",
        "labels*: The CSV file with a row an image.",
        "id*: The column that names the image.",
        "grade: The column with the grade, where the set has grades; or { one_hot: [a column for each grade] }.",
        "images*: The folder of the images.",
        "extension: Appended to the id, with its dot; \"\" where ids are file names; looked for where it is left out.",
        "group: The column of patients or slides; or { from: id, pattern: REGEX }.");

    /// <summary>A grade that is spread over columns.</summary>
    public static KeyBlock OneHot { get; } = Block(
        "sources.one_hot",
        "one_hot*: The columns of the grades, in the order of the scale; a row has 1 in the column of its grade, " +
        "and 0 in the others.");

    /// <summary>A group that stands in the id.</summary>
    public static KeyBlock Group { get; } = Block(
        "sources.group",
        "from*: Where the group is found; id is the one place.",
        "pattern*: A regular expression; its first capture group is the group: ^(.+)_(left|right)$ joins 10_left " +
        "and 10_right.");

    /// <summary>A test set that is a folder a grade.</summary>
    public static KeyBlock FolderTest { get; } = Block(
        "test.folder",
        "name: The name that findings and counts use; test by default.",
        "folder*: The folder that holds a folder a grade, each named like the grade or its number.");

    /// <summary>A test set in a MedMNIST archive.</summary>
    public static KeyBlock NpzTest { get; } = Block(
        "test.npz",
        "name: The name that findings and counts use; test by default.",
        "npz*: The MedMNIST archive.",
        "split: Which of its arrays: train, val or test (default).");

    /// <summary>What may become of identical images with different grades.</summary>
    public static KeyBlock Conflicts { get; } = Block(
        "conflicts",
        "quarantine: All of them are left out and listed (default).",
        "drop: All of them are left out.",
        "keep: All of them stay as they are.",
        "majority: All of them take the most frequent grade; on a tie they are quarantined.",
        "lowest: All of them take the lowest of their grades.",
        "highest: All of them take the highest of their grades.",
        "file: A person decides, in the CSV that 'gradus audit --decide' writes; what is undecided is quarantined.");

    /// <summary>The steps of a recipe.</summary>
    public static KeyBlock Recipe { get; } = Block(
        "recipe",
        "crop_retina: Crops to the bright disc of a fundus photograph.",
        "resize: The square that the network sees; the one place that states its size.",
        "gray: Luma, kept as three equal channels.",
        "ben_graham: Subtracts the local average colour: 4 x - 4 blur(x) + 128.",
        "median: Median filter over a square window.",
        "clahe: Local histogram equalisation of the green channel.",
        "circle_mask: Blackens everything outside the inscribed circle.");

    /// <summary>Parameters of crop_retina.</summary>
    public static KeyBlock CropRetina { get; } = Block("recipe.crop_retina", "tolerance: A pixel is part of the disc above this level, 0 to 254; 10 by default.");

    /// <summary>Parameters of resize.</summary>
    public static KeyBlock Resize { get; } = Block(
        "recipe.resize",
        "size*: Pixels a side, 8 to 4096.",
        "fit: How another shape becomes a square: stretch (default) or pad with black.");

    /// <summary>Parameters of ben_graham.</summary>
    public static KeyBlock BenGraham { get; } = Block(
        "recipe.ben_graham",
        "colour: false makes the image grey first; true by default.",
        "sigma: Standard deviation of the blur in pixels; 10 * size / 224 by default.",
        "mask: true fills the outside of the circle with mid grey; false by default.");

    /// <summary>Parameters of median.</summary>
    public static KeyBlock Median { get; } = Block("recipe.median", "size: Pixels a side of the window, odd, 3 to 99; 3 by default.");

    /// <summary>Parameters of clahe.</summary>
    public static KeyBlock Clahe { get; } = Block(
        "recipe.clahe",
        "tiles: Windows a side, 1 to 64; 8 by default.",
        "slope: The limit on contrast, 1 to 100; 3 by default.");

    /// <summary>Normalisation.</summary>
    public static KeyBlock Normalise { get; } = Block(
        "normalise",
        "mean*: Means of R, G, B on the scale 0 to 1.",
        "std*: Standard deviations of R, G, B on the scale 0 to 1.");

    /// <summary>The split.</summary>
    public static KeyBlock Split { get; } = Block(
        "split",
        "folds: Number of folds, 2 to 100; 5 by default.",
        "fold: The fold that validates, from 0; 0 by default.",
        "validation: Instead of folds: a file of the main images that validate, as gradus subset writes it.");

    /// <summary>The steps of an augmentation.</summary>
    public static KeyBlock Augment { get; } = Block(
        "augment",
        "flip: Left-right and up-down, each for half of the images.",
        "transpose: Rows and columns exchanged for half of the images.",
        "rotate: A rotation about the centre.",
        "scale: A magnification about the centre.",
        "brightness: All channels times 1 plus and minus this amount, above 0 and below 1.",
        "contrast: The distance from the image's mean times 1 plus and minus this amount, above 0 and below 1.");

    /// <summary>Parameters of rotate.</summary>
    public static KeyBlock Rotate { get; } = Block(
        "augment.rotate",
        "degrees*: Uniform in plus and minus this angle, above 0 and at most 180.",
        "fill*: What stands outside the image: black, gray, edge or reflect.");

    /// <summary>Parameters of scale.</summary>
    public static KeyBlock Scale { get; } = Block(
        "augment.scale",
        "range*: Uniform between these two factors, 0.1 to 10.",
        "fill*: What stands outside the image: black, gray, edge or reflect.");

    /// <summary>Sampling.</summary>
    public static KeyBlock Sampling { get; } = Block(
        "sampling",
        "class_weights: A weight a grade: images are drawn in proportion to it, with replacement, from the training fold only.",
        "balance: natural (every image once, default), sqrt (by the square root of a grade's images) or balanced (all grades alike).",
        "anneal: From balanced shares to natural ones over the first epochs.",
        "cap: At most so many images of any grade an epoch, without replacement, in turns.",
        "caps: A cap a grade; null for a grade that is not limited.",
        "image_weights: Images that earlier runs were wrong about more often, by a list of mistakes, with replacement.");

    /// <summary>Parameters of sampling.image_weights.</summary>
    public static KeyBlock ImageWeights { get; } = Block(
        "sampling.image_weights",
        "file*: What gradus mistakes wrote, or a CSV with the columns id, source, hash and error.",
        "strength: An image is drawn in proportion to 1 + strength x error; 1 by default.");

    /// <summary>Parameters of sampling.anneal.</summary>
    public static KeyBlock Anneal { get; } = Block(
        "sampling.anneal",
        "from: The shares of the first epoch: balanced (default) or sqrt.",
        "epochs*: Epochs of the way, fewer than train.epochs; after them every image once an epoch.");

    /// <summary>The model.</summary>
    public static KeyBlock Model { get; } = Block(
        "model",
        "backbone*: The network, a name of the zoo; 'gradus models' lists them.",
        "pool: How the feature map becomes a vector: avg (default), max, concat or gem.",
        "head: Layers before the final linear layer, which is always there; none by default.",
        "channels: Channels of the input image: 3 (default), or 1 for grey recipes.",
        "stem_pool: false leaves out the max-pool after the first convolution, for small images; true by default.",
        "weights: A file with the backbone's weights: safetensors, or a state dict or checkpoint saved by PyTorch, whatever its name ends in; random weights where it is left out.",
        "weights_key: Which of several state dicts in a checkpoint of PyTorch, such as state_dict_ema; 'gradus models inspect' names them.");

    /// <summary>Layers of the head.</summary>
    public static KeyBlock Head { get; } = Block(
        "model.head",
        "dropout: The probability of dropping a feature, at least 0 and below 1.",
        "batch_norm: Batch normalisation of the vector.",
        "linear: A linear layer with that many outputs.",
        "relu: Rectified linear unit.");

    /// <summary>Targets.</summary>
    public static KeyBlock Target { get; } = Block(
        "target",
        "ordinal: Cumulative outputs, each answering: is the grade at least k?",
        "coral: Cumulative outputs that share their weights and so cannot contradict each other.",
        "corn: Conditional outputs, each asked only where the one before holds; their product is cumulative.",
        "soft_labels: One output a grade, softmax, with labels that give near grades a share.",
        "cross_entropy: One output a grade, softmax.",
        "regression: One output, the grade itself.",
        "binary: One output, the logit of the second of two grades.");

    /// <summary>Parameters of target ordinal.</summary>
    public static KeyBlock Ordinal { get; } = Block("target.ordinal", "all_outputs: true has K outputs, the first always one; false (default) K-1.");

    /// <summary>Parameters of target soft_labels.</summary>
    public static KeyBlock SoftLabels { get; } = Block("target.soft_labels", "distance: squared (default) or absolute, between a grade and the true one.", "sharpness: Above 0 and at most 100; the greater, the less the neighbours get; 1 by default.");

    /// <summary>Parameters of target regression.</summary>
    public static KeyBlock Regression { get; } = Block("target.regression", "loss: mse (default) or smooth_l1.");

    /// <summary>Tuned thresholds, where they are more than one word.</summary>
    public static KeyBlock Thresholds { get; } = Block(
        "thresholds",
        "outputs: One threshold for all cumulative outputs (shared, default) or one each (per_output).",
        "choice: optimum (default), bootstrap (the median over resampled images) or shrunk (towards the default).",
        "shrink: How far shrunk thresholds go back to the default, 0 to 1; 0.5 by default.",
        "ordered: true keeps thresholds per output from falling from one output to the next; false by default.",
        "bounds: [low, high], 0 to 1 with 0.5 between: thresholds of outputs stay there, and a score's cut point between k and k+1 from k+low to k+high; free by default.");

    /// <summary>Training.</summary>
    public static KeyBlock Train { get; } = Block(
        "train",
        "epochs*: Passes over the training fold.",
        "batch: Images a step; 32 by default.",
        "optimizer*: sgd, adam or adamw.",
        "top_lr*: Learning rate of the head.",
        "base_lr_ratio: The backbone's rate is this times the head's; by default 0.1 with weights and 1 without.",
        "base_lr_steps: Epoch to factor: from that epoch (from 1) on the backbone's rate is multiplied by it; factors accumulate.",
        "schedule: How both rates move: constant (default), cosine, one_cycle or plateau.",
        "freeze_backbone_epochs: The backbone stands still for so many epochs from the start; 0 by default.",
        "batch_norm: train (default), or frozen for weights whose batch norms were folded into the convolutions.",
        "clip_norm: The gradient's norm is clipped to this; not clipped by default.",
        "ema: Decay a step of a moving average of the weights, which is then judged and kept in their place; at least 0 and below 1, 0.99 for a few hundred steps, 0.999 for thousands; none by default.",
        "precision: What the backbone computes with: float32 (default), bfloat16, or auto (bfloat16 where the device is fast at it).",
        "accumulate: Works through each batch in that many parts and sums their gradients, to save memory; 1 by default.",
        "device: auto (default), cpu or cuda:N.",
        "seed: Fixes everything random in the run; 42 by default.");

    /// <summary>Optimisers.</summary>
    public static KeyBlock Optimizer { get; } = Block(
        "train.optimizer",
        "sgd: Stochastic gradient descent.",
        "adam: Adam.",
        "adamw: Adam with decoupled weight decay.");

    /// <summary>Parameters of sgd.</summary>
    public static KeyBlock Sgd { get; } = Block(
        "train.optimizer.sgd",
        "momentum: At least 0 and below 1; 0.9 by default.",
        "nesterov: true for Nesterov's momentum; false by default.",
        "weight_decay: 0 to 1; 0 by default.");

    /// <summary>Parameters of adam.</summary>
    public static KeyBlock Adam { get; } = Block("train.optimizer.adam", AdamKeys);

    /// <summary>Parameters of adamw.</summary>
    public static KeyBlock AdamW { get; } = Block("train.optimizer.adamw", AdamKeys);

    /// <summary>Schedules.</summary>
    public static KeyBlock Schedule { get; } = Block(
        "train.schedule",
        "constant: The rates stay, but for base_lr_steps.",
        "cosine: A linear warm-up, then half a cosine down.",
        "one_cycle: Up from 1/25 and down to 1/10000 of the peak.",
        "plateau: Multiplied by a factor whenever the validation loss stops falling.");

    /// <summary>Parameters of cosine.</summary>
    public static KeyBlock Cosine { get; } = Block(
        "train.schedule.cosine",
        "warmup_epochs: Epochs of linear warm-up, fewer than epochs; 0 by default.",
        "final_ratio: The last rate as a share of the peak, 0 to 1; 0 by default.");

    /// <summary>Parameters of one_cycle.</summary>
    public static KeyBlock OneCycle { get; } = Block("train.schedule.one_cycle", "peak_at: The share of all steps at which the peak is reached, above 0 and below 1; 0.3 by default.");

    /// <summary>Parameters of plateau.</summary>
    public static KeyBlock Plateau { get; } = Block(
        "train.schedule.plateau",
        "factor: Above 0 and below 1; 0.1 by default.",
        "patience: Epochs without a lower validation loss, at least 1; 3 by default.");

    /// <summary>Selection.</summary>
    public static KeyBlock Select { get; } = Block(
        "select",
        "by: last (the last epoch; default where the schedule is cosine or one_cycle) or the best validation loss (default "
            + "elsewhere), qwk, tuned_qwk, auc, accuracy, cross_fitted_qwk or smoothed_qwk.",
        "keep: How many of the best (or last) checkpoints stay on disk, 1 to 1000, or all; 3 by default.");

    /// <summary>All blocks.</summary>
    public static ImmutableArray<KeyBlock> All { get; } =
    [
        Experiment, CsvSource, FolderSource, NpzSource, CsvTest, FolderTest, NpzTest, OneHot, Group, Conflicts,
        Recipe, CropRetina, Resize, BenGraham, Median, Clahe,
        Normalise, Split, Augment, Rotate, Scale, Notify, Sampling, Anneal, ImageWeights, Model, Head, Target, Ordinal, SoftLabels, Regression, Thresholds, Train, Optimizer, Sgd, Adam, AdamW,
        Schedule, Cosine, OneCycle, Plateau, Select,
    ];

    // What a source needs that is graded, distributed or meant otherwise than the main one. Without ": ", since the template shows these without a value.
    private static string[] Foreign =>
    [
        "scale: The steps of the source's own labels, where they are others than the experiment's; needs mapping.",
        "mapping: What each step of the source's scale is in the experiment's, a grade or skip; no step may be missing.",
        "use: What an external source is for, training (default), pretraining (only with 'gradus train --pretrain') or folds (it validates as well).",
        "match: Samples an external source without replacement to the class shares of the main sources (main), or to given ones such as [0.5, 0.2, 0.3].",
        "take: How many images of an external source are sampled, without match at random; as many as match allows by default.",
    ];

    private static string[] AdamKeys =>
    [
        "beta1: Decay of the first moment, at least 0 and below 1; 0.9 by default.",
        "beta2: Decay of the second moment, at least 0 and below 1; 0.999 by default.",
        "weight_decay: 0 to 1; 0 by default.",
    ];

    // "name*: meaning", the star marking a required key, keeps the table above readable.
    private static KeyBlock Block(string name, params string[] keys) => new(name, [.. keys.Select(key =>
    {
        int colon = key.IndexOf(':', StringComparison.Ordinal);
        string word = key[..colon];
        return new ExperimentKey(word.TrimEnd('*'), word.EndsWith('*'), key[(colon + 2)..]);
    })]);
}
