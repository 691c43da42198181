"""Scores of a checkpoint of gradus by Debian's torchvision, on the bytes that CheckpointScores.cs has written.

    checkpoint_vs_torchvision.py CHECKPOINT OUT      (ordinal target, average pooling, one linear layer: MobileNetV2 and ResNets)

Prints the largest difference to the scores of gradus. The network is torchvision's own with the checkpoint's tensors under their names.
"""
import json
import struct
import sys

import numpy as np
import torch
import torchvision

checkpoint, out = sys.argv[1:]
with open(checkpoint, "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
    data = file.read()
metadata = header.pop("__metadata__")
info = json.loads(metadata["gradus"])
types = {"F32": np.float32, "I64": np.int64}
tensors = {
    name: torch.from_numpy(np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"]).copy())
    for name, t in header.items()
}
name = info["model"]["backbone"]
last = "classifier.1" if name == "mobilenet_v2" else "fc"
model = getattr(torchvision.models, name)(num_classes=tensors[last + ".weight"].shape[0])
print(model.load_state_dict(tensors, strict=True))
if metadata.get("padding") == "tf_same":  # 0 at the top and left, 1 at the bottom and right of an even size
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d) and module.stride == (2, 2) and module.kernel_size == (3, 3):
            module.padding = (0, 0)
            module.register_forward_pre_hook(lambda _, x: torch.nn.functional.pad(x[0], (0, 1, 0, 1)))
model.eval()
size = next(step["size"] for step in info["recipe"]["steps"] if step["step"] == "resize")
pixels = torch.from_numpy(np.fromfile(out + "/pixels.bin", np.uint8).reshape(-1, size, size, 3).copy())
mean, std = (torch.tensor(info["normalisation"][k]).view(1, 3, 1, 1) for k in ("mean", "std"))
with torch.no_grad():
    scores = torch.cat([model((p.permute(0, 3, 1, 2) / 255 - mean) / std).sigmoid().sum(1) for p in pixels.split(16)])
ours = np.array([float(line.rsplit(",", 1)[1]) for line in open(out + "/scores.csv")])
print(f"torchvision {torchvision.__version__} against gradus, {len(ours)} images: largest difference of scores {np.abs(scores.numpy() - ours).max():.1e}")
