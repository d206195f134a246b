"""Exact inner-product search by faiss over a table of float32 rows in a file.

usage: faiss_flat.py TABLE STATES DIMENSION THREADS
A request is {"count": k, "batch": n}; the answer has milliseconds of the search alone and, for
the first state, the rows found.
"""

import sys
import time

import faiss
import numpy

from serving import serve

table_path, states_path, dimension, threads = sys.argv[1:]
faiss.omp_set_num_threads(int(threads))
table = numpy.fromfile(table_path, dtype=numpy.float32).reshape(-1, int(dimension))
states = numpy.fromfile(states_path, dtype=numpy.float32).reshape(-1, int(dimension))
index = faiss.IndexFlatIP(int(dimension))
index.add(table)
del table


def answer(request):
    queries = states[: request["batch"]]
    start = time.perf_counter()
    _, rows = index.search(queries, request["count"])
    seconds = time.perf_counter() - start
    return {"value": seconds * 1e3, "rows": rows[0].tolist()}


serve({"faiss-cpu": faiss.__version__}, answer)
