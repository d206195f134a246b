"""Products x · wᵀ in float32 by torch and by numpy's OpenBLAS, in GFLOP/s.

usage: torch_sgemm.py THREADS
A request is {"library": "torch" or "numpy", "rows": n, "shapes": [[inputs, outputs], …]}; the
answer is the rate over all shapes together, results written into memory that is there already.
OpenBLAS takes its threads from OPENBLAS_NUM_THREADS.
"""

import sys
import time

import numpy
import torch

from serving import serve

torch.set_num_threads(int(sys.argv[1]))
matrices = {}


def operands(rows, inputs, outputs):
    key = rows, inputs, outputs
    if key not in matrices:
        x, w = torch.randn(rows, inputs), torch.randn(outputs, inputs)
        matrices[key] = x, w.t(), torch.empty(rows, outputs)
    return matrices[key]


def answer(request):
    rows, seconds, operations = request["rows"], 0.0, 0
    for inputs, outputs in request["shapes"]:
        x, w, y = operands(rows, inputs, outputs)
        if request["library"] == "numpy":
            x, w, y = x.numpy(), w.numpy(), y.numpy()
        start = time.perf_counter()
        if request["library"] == "numpy":
            numpy.matmul(x, w, out=y)
        else:
            torch.mm(x, w, out=y)
        seconds += time.perf_counter() - start
        operations += 2 * rows * inputs * outputs
    return {"value": operations / seconds * 1e-9}


blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
serve(
    {"torch": torch.__version__, "numpy": f"{numpy.__version__}, {blas['name']} {blas['version']}"},
    answer,
)
