"""Reads and resizes every image of a folder the way most training scripts do, and prints images a second.

usage: opencv_prepare.py FOLDER THREADS SIZE
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

folder, threads, size = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
cv2.setNumThreads(1)  # the pool is the parallelism, one image a thread


def prepare(path):
    return cv2.resize(cv2.imread(str(path)), (size, size)).shape


paths = sorted(folder.glob("*.jpg"))
started = time.perf_counter()
with ThreadPoolExecutor(threads) as pool:
    shapes = list(pool.map(prepare, paths))
assert all(shape == (size, size, 3) for shape in shapes)
print(f"{len(paths) / (time.perf_counter() - started):.2f}")
