"""Images a second of torchvision's networks: training and inference on one batch of noise that is used again and again.

    pytorch_throughput.py NETWORK {shipped|tuned} [BATCH] [SIZE] [SECONDS]

Prints "train predict". The environment's DEVICE is cpu (the default) or cuda. Tuned: glibc keeps freed memory (as gradus sets it), and weights and input are channels-last.
"""
import ctypes
import os
import sys
import time

name, tuned = sys.argv[1], sys.argv[2] == "tuned"
batch, size, seconds = (int(a) if a else d for a, d in zip(sys.argv[3:6] + [""] * 3, (16, 224, 5)))
if tuned:
    libc = ctypes.CDLL("libc.so.6")
    for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 64 << 20)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
        libc.mallopt(option, value)

import torch  # after the allocator is set
import torchvision

torch.set_num_threads(os.cpu_count())  # the default is one a physical core; gradus uses all processors too
torch.manual_seed(1)
device = os.environ.get("DEVICE", "cpu")
model = getattr(torchvision.models, name)().to(device)
images = torch.rand(batch, 3, size, size, device=device)
if tuned:
    model = model.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
targets = torch.arange(batch, device=device) % 1000
loss_of = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)


def train():
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(model(images), targets)
    loss.backward()
    optimizer.step()
    loss.item()


def predict():
    with torch.inference_mode():
        model(images).cpu()


def rate(work):
    for _ in range(3):
        work()
    started, rounds = time.perf_counter(), 0
    while rounds < 2 or time.perf_counter() - started < seconds:
        work()
        rounds += 1
    return rounds * batch / (time.perf_counter() - started)


model.train()
trained = rate(train)
model.eval()
print(f"{trained:.2f} {rate(predict):.2f}")
