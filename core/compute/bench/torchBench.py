"""
The reference of the bench: one Langevin step (noise off) of the same solver network in PyTorch, eager mode, written as one would write it
there: condition and picture concatenated, all outputs of the last layer computed and summed, the gradient by autograd.

    python3 torchBench.py '{"recipe": {...}, "batch": 100, "threads": 2, "gpu": false}'

Says and answers the same lines of JSON as benchChild.ts. Weights and pictures are random: they do not change the time. Strided
convolutions pad evenly on both sides, not like TensorFlow's `same`: the sizes and the work are equal.
"""

import json
import resource
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    print(json.dumps({"failed": f"PyTorch cannot be imported: {error}"}), flush=True)
    sys.exit()

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": functional.relu,
    "leakyRelu": lambda x: functional.leaky_relu(x, 0.2),
    "silu": functional.silu,
}
# As in core/ebm: a normalised chain moves about `move` in so many steps; own colour and the mean of all colours.
NORMALISED_STEPS = 8
OWN_COLOUR = 0.3


class Scale(nn.Module):
    """One copy of the solver, at one size: responses for [batch, channels, size, size]."""

    def __init__(self, network, size):
        super().__init__()
        condition, head = network["condition"], network["head"]
        self.activation = ACTIVATIONS[network["activation"]]
        self.join_at = {"concatenate": condition.get("joinAt"), "picture": 0}.get(condition["kind"])
        joined = condition["labels"] if condition["kind"] == "concatenate" else condition.get("channels", 0)
        self.layers = nn.ModuleList()
        incoming = network["channels"]
        for index, layer in enumerate(network["convolutions"]):
            incoming += joined if index == self.join_at else 0
            kernel, stride = layer["kernel"], layer["stride"]
            self.layers.append(nn.Conv2d(incoming, layer["channels"], kernel, stride, (kernel - 1) // 2))
            incoming = layer["channels"]
            size = -(-size // stride)
        if head["kind"] == "dense":
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(incoming * size * size, head["outputs"]))
        else:
            self.head = nn.Conv2d(incoming, 1, 3, 1, 1)

    def forward(self, picture, condition):
        h = picture
        for index, layer in enumerate(self.layers):
            if index == self.join_at:
                if condition.dim() == 2:
                    planes = condition[:, :, None, None].expand(-1, -1, h.shape[2], h.shape[3])
                    h = torch.cat([h, planes], 1)
                else:
                    h = torch.cat([h, condition], 1)
            h = self.activation(layer(h))
        return self.head(h)


class Langevin:
    def __init__(self, recipe, batch, device):
        network, self.recipe = recipe["solver"], recipe["chain"]
        if network["condition"]["kind"] not in ("concatenate", "picture"):
            raise ValueError("only solvers that concatenate their condition are compared")
        size, channels = network["size"], network["channels"]
        torch.manual_seed(1)
        self.scales = [Scale(network, size // 2**scale).to(device) for scale in range(network["scales"])]
        self.mean = network["head"]["kind"] == "patch"
        self.factor = network["outputScale"] * (self.recipe["referenceDeviation"] ** 2 if network["units"] == "phi" else 1)
        self.picture = torch.rand(batch, channels, size, size, device=device) * 2 - 1
        condition = network["condition"]
        if condition["kind"] == "concatenate":
            classes = torch.arange(batch, device=device) % condition["labels"]
            self.condition = functional.one_hot(classes, condition["labels"]).float()
        else:
            self.condition = torch.rand(batch, condition["channels"], size, size, device=device)
        line = torch.tensor([1.0, 4, 6, 4, 1], device=device) / 16
        wide = functional.conv1d(line.view(1, 1, -1), line.view(1, 1, -1), padding=4).view(-1)
        self.blur = torch.outer(wide, wide).expand(channels, 1, 9, 9).contiguous()
        self.size = None

    def gradient(self):
        picture, condition = self.picture.requires_grad_(), self.condition
        y, value = picture, 0
        for index, scale in enumerate(self.scales):
            if index > 0:
                y = functional.avg_pool2d(y, 2)
                condition = functional.avg_pool2d(condition, 2) if condition.dim() == 4 else condition
            response = scale(y, condition).flatten(1)
            value = value + (response.mean(1) if self.mean else response.sum(1)).sum()
        return torch.autograd.grad(value * self.factor, picture)[0]

    def step(self):
        recipe, gradient = self.recipe, self.gradient()
        relaxation = recipe["stepSize"] ** 2 / (2 * recipe["referenceDeviation"] ** 2)
        with torch.no_grad():
            normalised = recipe.get("normalised")
            if normalised:
                if normalised["smooth"]:
                    gradient = functional.conv2d(gradient, self.blur, padding=4, groups=gradient.shape[1])
                    gradient = gradient * OWN_COLOUR + gradient.mean(1, keepdim=True) * (1 - OWN_COLOUR)
                measured = gradient.square().mean().sqrt() + 1e-12
                self.size = measured if self.size is None else self.size * 0.995 + measured * 0.005
                move = gradient * (normalised["move"] / NORMALISED_STEPS / self.size)
            else:
                move = gradient * relaxation
            if recipe["pull"]:
                move = move - self.picture * relaxation
            if recipe["bound"] > 0:
                move = move.clamp(-recipe["bound"], recipe["bound"])
            self.picture = self.picture.detach() + move
        # Reading one number waits for a GPU.
        return self.picture[0, 0, 0, 0].item()


def main():
    order = json.loads(sys.argv[1])
    device = "cuda" if order["gpu"] else "cpu"
    torch.set_num_threads(order["threads"])
    if order["gpu"]:
        torch.zeros(1, device=device)
    baseline = read_peak()
    langevin = Langevin(order["recipe"], order["batch"], device)

    def time_step():
        started = time.perf_counter()
        langevin.step()
        return (time.perf_counter() - started) * 1000

    def say(line):
        print(json.dumps({**line, "peakMegabytes": max(0, read_peak() - baseline)}), flush=True)

    detail = f"PyTorch {torch.__version__}, {torch.cuda.get_device_name() if order['gpu'] else 'processor'}"
    say({"threads": torch.get_num_threads(), "detail": detail, "milliseconds": time_step()})
    for line in sys.stdin:
        until, times = time.perf_counter() + float(line) / 1000, []
        while not times or time.perf_counter() < until:
            times.append(time_step())
        say({"milliseconds": min(times), "runs": len(times)})


def read_peak():
    """Peak resident memory in megabytes; Linux counts it in kilobytes, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


try:
    main()
except Exception as error:  # Whatever it is, the bench shows it as a note.
    print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)
