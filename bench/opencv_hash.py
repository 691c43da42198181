"""Hashes every image of a folder with OpenCV's PHash, and prints images a second.

usage: opencv_hash.py FOLDER THREADS full|eighth
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

folder, threads, size = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
flag = {"full": cv2.IMREAD_COLOR, "eighth": cv2.IMREAD_REDUCED_COLOR_8}[size]
cv2.setNumThreads(1)  # the pool is the parallelism, one image a thread


def fingerprint(path):
    return cv2.img_hash.pHash(cv2.imread(str(path), flag))


paths = sorted(folder.glob("*.jpg"))
started = time.perf_counter()
with ThreadPoolExecutor(threads) as pool:
    hashes = list(pool.map(fingerprint, paths))
assert all(value.shape == (1, 8) for value in hashes)
print(f"{len(paths) / (time.perf_counter() - started):.2f}")
