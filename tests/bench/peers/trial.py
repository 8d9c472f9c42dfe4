"""Runs one phase of one engine and prints what it took as JSON; needs nothing but the engine's own packages.

python trial.py ENGINE index|query|cold|update WORK MODEL
"""

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path

K = 10


def load_engine(name: str) -> type:
    """Return the class `Engine` of the adapter `name`, by its path: this project is not installed everywhere."""
    path = Path(__file__).with_name("adapters") / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"adapter_{name}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"There is no adapter {path}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    engine: type = module.Engine
    return engine


def main() -> None:
    """Run the phase; the clock of `cold` starts before the first import of the engine."""
    began = time.perf_counter()
    name, phase, work, model = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    folder = work / name
    folder.mkdir(exist_ok=True)
    questions = json.loads((work / "questions.json").read_text(encoding="utf-8"))
    engine = load_engine(name)(model, folder)
    seen: dict[str, object] = {}
    if phase == "index":
        documents = json.loads((work / "documents.json").read_text(encoding="utf-8"))
        clock = time.perf_counter()
        engine.build(documents, folder)
        seen = {"seconds": time.perf_counter() - clock, "documents": len(documents)}
    elif phase == "cold":
        engine.open(folder)
        found = engine.search(questions[0]["question"], K)
        seen = {"seconds": time.perf_counter() - began, "found": len(found)}
    elif phase == "update":
        engine.open(folder)
        changed = json.loads((work / "changed.json").read_text(encoding="utf-8"))
        clock = time.perf_counter()
        engine.update(changed, folder)
        seen = {"seconds": time.perf_counter() - clock, "documents": len(changed)}
    else:
        engine.open(folder)
        for one in questions[:20]:
            engine.search(one["question"], K)
        times, ranks = [], []
        for one in questions:
            clock = time.perf_counter()
            found = engine.search(one["question"], K)
            times.append(time.perf_counter() - clock)
            ranks.append(found.index(one["gold"]) + 1 if one["gold"] in found else 0)
        seen = {"times": times, "ranks": ranks}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({**seen, "peak_mib": max(peak, children)}))


if __name__ == "__main__":
    main()
