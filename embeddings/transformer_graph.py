"""Encoder and reader as ONNX graphs: float32 to look at what flows, 8-bit products to run; loads no model library.

Some operators are ONNX Runtime's own (domain com.microsoft): those that take 8-bit integers to floats in one go, and
attention. A graph takes one text, so that nothing is padded and no text's bits depend on its company.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from embeddings.reader_state import LAYERS

HIDDEN, HEADS = 384, 12
MOST = 127
# CPUs without dot products of bytes add two neighbours' products up in 16 bits before all else. Where their weights
# are together at most 128 and activations at most 255, nothing overflows, and every CPU gets the same integers.
MOST_OF_PAIR = 128
_OWN = "com.microsoft"
_OPSET, _IR_VERSION = 18, 9
_EPSILON = 1e-12


@dataclass(frozen=True, slots=True)
class Range:
    """How what goes into a product becomes 8-bit integers.

    Attributes:
        step: the difference of neighbouring integers.
        zero: the integer that stands for 0.
        widths: shape (K,), what channels are divided by first, the weights taking it up; None for nothing.
        wide: channels that are left out of range and integers, and multiplied as float32.
    """

    step: float
    zero: int
    widths: NDArray[np.float32] | None = None
    wide: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class GraphWriter:
    """Collects nodes and constants; values go by their names."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def constant(self, value: NDArray[Any] | np.generic) -> str:
        """Return the name of a constant."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(
            numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)
        )
        return name

    def node(
        self, kind: str, *inputs: str, own: bool = False, outputs: int = 1, **attributes: Any
    ) -> list[str]:
        """Add an operator, one of ONNX Runtime's `own` or a standard one; return the names of its outputs."""
        names = [f"value_{len(self._nodes)}_{number}" for number in range(outputs)]
        domain = _OWN if own else ""
        self._nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def one(self, kind: str, *inputs: str, own: bool = False, **attributes: Any) -> str:
        """Add an operator with one output and return its name."""
        return self.node(kind, *inputs, own=own, **attributes)[0]

    def name(self, value: str, name: str) -> None:
        """Let `value` go by `name` among the outputs."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def model(self, inputs: Mapping[str, tuple[int, Sequence[Any]]], outputs: Sequence[str]) -> ModelProto:
        """Return the model; `inputs` have element type and shape by name."""
        graph = helper.make_graph(
            self._nodes,
            "transformer",
            [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OWN, 1)]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="qa-service"
        )


class TransformerGraph:
    """Writes the layers of a MiniLM.

    Args:
        state: weights by the reader network's names.
        ranges: of every product, by `layer.product`, for 8-bit products; None to look at all in float32.

    Attributes:
        looked_at: what goes into each product in float32, by `layer.product`.
    """

    def __init__(self, state: Mapping[str, NDArray[Any]], ranges: Mapping[str, Range] | None) -> None:
        self._state, self._ranges, self._graph = state, ranges, GraphWriter()
        self.looked_at: dict[str, str] = {}

    def encoder(self) -> ModelProto:
        """Return the graph from the word vectors of a text to its L2-normalised mean vector, shape (1, D)."""
        g = self._graph
        mean = g.one("ReduceMean", self._layers(), g.constant(np.array([1])), keepdims=0)
        return self._model({"vectors": g.one("LpNormalization", mean, axis=-1, p=2)})

    def reader(self) -> ModelProto:
        """Return the graph from a window to start and end scores (1, L), relevance and no-answer (1,)."""
        g = self._graph
        states = self._layers()
        first = g.one("Gather", states, g.constant(np.array(0)), axis=1)
        judged = self._linear(g.one("Tanh", self._linear(first, "pool")), "judge")
        outputs = {}
        for names, scores in (
            (("start", "end"), self._linear(states, "span")),
            (("relevance", "no_answer"), judged),
        ):
            for place, name in enumerate(names):
                outputs[name] = g.one("Gather", scores, g.constant(np.array(place)), axis=-1)
        return self._model(outputs)

    def _model(self, outputs: Mapping[str, str]) -> ModelProto:
        for name, value in outputs.items():
            self._graph.name(value, name)
        inputs = {
            "words": (TensorProto.FLOAT, [1, "length", HIDDEN]),
            "segments": (TensorProto.INT64, [1, "length"]),
        }
        return self._graph.model(inputs, [*outputs, *self.looked_at.values()])

    def _layers(self) -> str:
        """Return the last layer's states (1, L, D)."""
        g = self._graph
        length = g.one("Gather", g.one("Shape", "words"), g.constant(np.array([1])))
        none = g.constant(np.array([0]))
        positions = g.one("Slice", g.constant(self._state["positions.weight"]), none, length, none)
        segments = g.one("Gather", g.constant(self._state["segments.weight"]), "segments")
        x = self._norm(g.one("Add", g.one("Add", "words", positions), segments), "embedding_norm")
        for layer in range(LAYERS):
            x = self._layer(x, f"layers.{layer}")
        return x

    def _layer(self, x: str, layer: str) -> str:
        g = self._graph
        mixed = g.one(
            "MultiHeadAttention", *self._product(x, f"{layer}.qkv", parts=3), own=True, num_heads=HEADS
        )
        attended = self._product(mixed, f"{layer}.attended")[0]
        x = self._norm(g.one("Add", attended, x), f"{layer}.attention_norm")
        raised = self._product(x, f"{layer}.up")[0]
        fed = self._product(g.one("Gelu", raised, own=True), f"{layer}.down")[0]
        return self._norm(g.one("Add", fed, x), f"{layer}.output_norm")

    def _norm(self, x: str, name: str) -> str:
        scale, bias = (self._graph.constant(self._state[f"{name}.{kind}"]) for kind in ("weight", "bias"))
        return self._graph.one("LayerNormalization", x, scale, bias, axis=-1, epsilon=_EPSILON)

    def _linear(self, x: str, name: str) -> str:
        g = self._graph
        product = g.one("MatMul", x, g.constant(self._state[f"{name}.weight"].T))
        return g.one("Add", product, g.constant(self._state[f"{name}.bias"]))

    def _product(self, x: str, name: str, parts: int = 1) -> list[str]:
        """Return a linear layer's result, in parts of equal width.

        Source: Dettmers et al., "LLM.int8()", NeurIPS 2022, for keeping outliers out of 8-bit products.
        """
        g = self._graph
        if self._ranges is None:
            self.looked_at[name] = x
            whole = self._linear(x, name)
            return g.node("Split", whole, axis=-1, num_outputs=parts, outputs=parts) if parts > 1 else [whole]
        span = self._ranges[name]
        weight, bias = self._state[f"{name}.weight"].copy(), self._state[f"{name}.bias"]
        outer = weight[:, span.wide]
        weight[:, span.wide] = 0
        evened = x
        if span.widths is not None:
            evened, weight = g.one("Mul", x, g.constant(1 / span.widths)), weight * span.widths
        step, zero = g.constant(np.float32(span.step)), g.constant(np.uint8(span.zero))
        integers = g.one("QuantizeLinear", evened, step, zero)
        results = []
        for rows, shift in zip(np.split(weight, parts), np.split(bias, parts), strict=True):
            matrix, steps = (g.constant(array) for array in eight_bit(rows))
            operands = (integers, matrix, step, steps, zero, "", g.constant(shift))
            results.append(g.one("MatMulIntegerToFloat", *operands, own=True))
        if not len(span.wide):
            return results
        wide = g.one("Gather", x, g.constant(span.wide), axis=-1)
        added = (g.one("MatMul", wide, g.constant(rows.T)) for rows in np.split(outer, parts))
        return [g.one("Add", *both) for both in zip(results, added, strict=True)]


def eight_bit(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights as integers, shape (K, N), and what 1 stands for in each of the N `rows` of K; K is even."""
    reach = np.abs(rows)
    pairs = reach.reshape(len(rows), -1, 2).sum(2)
    # Rounding adds at most 1/2 to each of a pair.
    scales = np.maximum(reach.max(1) / MOST, pairs.max(1) / (MOST_OF_PAIR - 1)).clip(1e-12).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8).T, scales
