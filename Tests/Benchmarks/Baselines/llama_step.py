"""A training step of a Llama network's LoRA adapter in PyTorch, in positions a second.

usage: llama_step.py WEIGHTS DESCRIPTION THREADS
The weights are float32, tensor after tensor as the description lists them. It computes what llara
computes: all rows of the batch end to end without padding, projections of one input in one product,
SDPA for the prompt and for the branches, logits only where a token is predicted. The answer to {}
is the rate of one step; to {"loss": true} the loss without dropout.
"""

import json
import math
import sys
import time

import numpy
import torch
from torch.nn import functional

from serving import serve

weights_path, description_path, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
with open(description_path) as file:
    description = json.load(file)
model, examples = description["model"], description["examples"]
dtype = getattr(torch, description["type"])
heads, key_heads = model["heads"], model["key_heads"]
rank, scale, probability = 8, 32 / 8, 0.1
GROUPS = {
    "qkv": ["attn_q", "attn_k", "attn_v"], "output": ["attn_output"],
    "gate_up": ["ffn_gate", "ffn_up"], "down": ["ffn_down"],
}


def read():
    values, place, tensors = numpy.memmap(weights_path, dtype=numpy.float32), 0, {}
    for entry in model["tensors"]:
        count = math.prod(entry["shape"])
        part = torch.from_numpy(numpy.array(values[place : place + count]))
        tensors[entry["name"]] = part.reshape(entry["shape"]).to(dtype)
        place += count
    return tensors


tensors = read()
embeddings = tensors["token_embd.weight"]
output_weight = tensors.get("output.weight", embeddings)
H = embeddings.shape[1]
width = tensors["blk.0.attn_q.weight"].shape[0] // heads


def halved(rows, name):
    """Rows of a query or key with the two of each rotated pair half a head apart."""
    count = {"attn_q": heads, "attn_k": key_heads}.get(name)
    if count is None:
        return rows
    return rows.reshape(count, width // 2, 2, -1).transpose(1, 2).reshape(count * width, -1)


class Block:
    def __init__(self, number):
        get = lambda part: tensors[f"blk.{number}.{part}.weight"]
        self.attention_norm, self.feed_forward_norm = get("attn_norm"), get("ffn_norm")
        self.weights, self.low, self.high = {}, {}, {}
        for group, names in GROUPS.items():
            self.weights[group] = torch.cat([halved(get(name), name) for name in names])
            bound = get(names[0]).shape[1] ** -0.5
            self.low[group] = [
                torch.empty(rank, get(name).shape[1]).uniform_(-bound, bound).requires_grad_()
                for name in names
            ]
            self.high[group] = [
                torch.zeros(get(name).shape[0], rank).requires_grad_() for name in names
            ]

    def parameters(self):
        return [p for lists in (self.low, self.high) for group in lists.values() for p in group]

    def linear(self, group, x, dropout):
        names = GROUPS[group]
        low = torch.cat(self.low[group]).to(dtype)
        high = torch.block_diag(
            *[halved(b, name) for b, name in zip(self.high[group], names)]
        )
        high = (high * scale).to(dtype)
        dropped = functional.dropout(x, dropout, True) if dropout else x
        return functional.linear(x, self.weights[group]) + functional.linear(
            functional.linear(dropped, low), high
        )


blocks = [Block(number) for number in range(model["blocks"])]
vectors = torch.full((description["vectors"], H), 0.01).requires_grad_()
adam = torch.optim.Adam(
    [p for block in blocks for p in block.parameters()] + [vectors], lr=1e-4
)


class Batch:
    """The examples laid end to end."""

    def __init__(self):
        tokens, self.vector_rows, positions, self.spans = [], [], [], []
        self.rows, self.chosen, self.branch = [], [], []
        branches = 0
        for example in examples:
            start, prompt = len(positions), example["prompt"]
            for place, entry in enumerate(prompt):
                tokens.append(entry)
                positions.append(place)
            shared = len(self.rows)
            self.rows.append(len(positions) - 1)
            ranges = []
            for branch in example["branches"]:
                first = len(positions)
                for offset, token in enumerate(branch):
                    row = shared if offset == 0 else len(self.rows) - 1
                    self.chosen.append((row, token))
                    self.branch.append(branches)
                    if offset + 1 < len(branch):
                        self.rows.append(len(positions))
                        tokens.append(token)
                        positions.append(len(prompt) + offset)
                ranges.append((first - start, len(positions) - start))
                branches += 1
            count, own = len(positions) - start, len(positions) - start - len(prompt)
            mask = torch.full((own, count), float("-inf"))
            mask[:, : len(prompt)] = 0
            for first, last in ranges:
                part = torch.full((last - first, last - first), float("-inf")).triu(1)
                mask[first - len(prompt) : last - len(prompt), first:last] = part
            self.spans.append((start, len(prompt), count, mask.to(dtype)[None, None]))
        plain = [token for token in tokens if token >= 0]
        self.tokens = torch.tensor(plain)
        order, seen = [], 0
        for token in tokens:
            order.append(seen if token >= 0 else len(plain) - 1 - token)
            seen += token >= 0
        self.order = torch.tensor(order)
        angles = torch.tensor(positions, dtype=torch.float64)[:, None] * model["rope_base"] ** (
            -torch.arange(width // 2, dtype=torch.float64) / (width // 2)
        )
        cos, sin = angles.float().cos()[:, None], angles.float().sin()[:, None]
        self.cos = torch.cat([cos, cos], -1).to(dtype)
        self.sin = torch.cat([-sin, sin], -1).to(dtype)
        self.count, self.branches = len(positions), branches


def attention(block, batch, x, dropout):
    both = heads + key_heads
    qkv = block.linear("qkv", x, dropout).view(batch.count, both + key_heads, width)
    turned, half = qkv[:, :both], width // 2
    turned = turned * batch.cos + (
        torch.cat([turned[..., half:], turned[..., :half]], -1) * batch.sin
    )
    query, key, value = turned[:, :heads], turned[:, heads:], qkv[:, both:]
    by_head = lambda tensor, first, last: tensor[first:last].transpose(0, 1)[None]
    mixed = []
    for start, prompt, count, mask in batch.spans:
        middle, end = start + prompt, start + count
        for queries, keys, arguments in (
            ((start, middle), (start, middle), {"is_causal": True}),
            ((middle, end), (start, end), {"attn_mask": mask}),
        ):
            part = functional.scaled_dot_product_attention(
                by_head(query, *queries), by_head(key, *keys), by_head(value, *keys),
                enable_gqa=heads != key_heads, **arguments,
            )
            mixed.append(part.transpose(1, 2).reshape(-1, heads * width))
    return block.linear("output", torch.cat(mixed), dropout)


def compute_loss(dropout):
    batch, epsilon = Batch(), model["epsilon"]
    norm = lambda x, weight: functional.rms_norm(x, (H,), weight, epsilon)
    x = torch.cat([functional.embedding(batch.tokens, embeddings), vectors.to(dtype)])
    x = x.index_select(0, batch.order)
    for block in blocks:
        x = x + attention(block, batch, norm(x, block.attention_norm), dropout)
        inner = block.linear("gate_up", norm(x, block.feed_forward_norm), dropout)
        gate, up = inner.chunk(2, -1)
        x = x + block.linear("down", functional.silu(gate) * up, dropout)
    last = norm(x.index_select(0, torch.tensor(batch.rows)), tensors["output_norm.weight"])
    logits = functional.linear(last, output_weight).float().log_softmax(-1)
    rows, tokens = torch.tensor(batch.chosen).T
    chosen = logits.reshape(-1).index_select(0, rows * logits.shape[1] + tokens)
    scores = torch.zeros(batch.branches).index_add(0, torch.tensor(batch.branch), chosen)
    scores = scores.reshape(len(examples), -1).log_softmax(1)
    return -scores[:, 0].mean(), batch.count


def answer(request):
    if request.get("loss"):
        with torch.no_grad():
            return {"value": compute_loss(0)[0].item()}
    start = time.perf_counter()
    adam.zero_grad(set_to_none=True)
    loss, count = compute_loss(probability)
    loss.backward()
    adam.step()
    loss.item()
    return {"value": count / (time.perf_counter() - start)}


serve({"torch": torch.__version__}, answer)
