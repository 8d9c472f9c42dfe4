"""The one place that chooses concrete models, indexes and stores, and says what loads when.

Importing this module loads neither PyTorch nor ONNX Runtime. ONNX Runtime loads with the first model; PyTorch
where it runs the models, or for an encoder that is not the default one.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import NoReturn, TypeVar

from embeddings.answer_calibration import AnswerCalibration, load_calibration
from embeddings.encoder import DEFAULT_ENCODER, packaged_model
from embeddings.exported_models import HEAVY_IMPORTS
from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.onnx_encoder import OnnxEncoder
from embeddings.onnx_model import obstacle
from embeddings.onnx_reader import OnnxReader, ensure_reader_exported
from embeddings.protocols import Encoder, ModelUnavailable, Reader
from embeddings.reader_card import WEIGHTS_FOLDER
from embeddings.vector_index import FaissVectorIndexBackend
from qa_service.answering import Answerer
from qa_service.archive import Archive, Backends, LiveArchive, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.citing import CitationPolicy
from qa_service.domain import Article
from qa_service.errors import ModelMissing, QAError
from qa_service.indexing import Progress, ReindexReport, reindex
from qa_service.live_service import LiveService
from qa_service.overlap_reading import OverlapConfidence, OverlapReader
from qa_service.parsing import read_sources
from qa_service.reading import HitReader
from qa_service.retrieval import Retriever
from qa_service.settings import Settings, parse_share
from qa_service.span_reading import SpanReader
from qa_service.watching import watch

_Model = TypeVar("_Model", OnnxEncoder, OnnxReader)
_log = logging.getLogger(__name__)

# Exported models in the data folder, made again when it is lost.
MODELS = "models"

BACKENDS = Backends(FaissVectorIndexBackend(), Bm25LexicalIndexBackend())

# Reading by overlap: fitted by `python -m tests.bench.confidence`; docs/ANSWERS.md has the data and the figures.
OVERLAP_CONFIDENCE = OverlapConfidence(intercept=-12.454, weights=(16.206, 2.345, 7.405))
OVERLAP_THRESHOLD = 0.4
OVERLAP_CITATIONS = CitationPolicy(margin=0.5, gain=0.2)
# Reading by the cross-encoder, whose scores have another scale.
SPAN_CITATIONS = CitationPolicy(margin=0.5, gain=0.2, reach=4.0, agreeing=0.3, differing=0.6)


def load_encoder(settings: Settings) -> Encoder:
    """Load the model that turns questions and passages into vectors.

    Raises:
        ModelMissing: it is not installed or its weights are not the expected ones.
    """
    if settings.encoder == DEFAULT_ENCODER:
        fast = _on_onnx(settings, OnnxEncoder)
        if fast:
            return fast
    from embeddings.encoder import SentenceTransformerEncoder

    try:
        with HEAVY_IMPORTS:
            return SentenceTransformerEncoder(
                settings.encoder, batch_size=settings.encoder_batch, threads=settings.encoder_threads
            )
    except ModelUnavailable as error:
        raise ModelMissing(str(error)) from error


def build_retriever(settings: Settings, encoder: Encoder) -> Retriever:
    """Wire the ranking."""
    return Retriever(encoder, settings.retrieval_depth)


def load_answerer(settings: Settings) -> tuple[Encoder, Answerer]:
    """Load the encoder and, beside it on another core, the reader; wire the read flow.

    Raises:
        ModelMissing: as `load_encoder` and `load_reader`.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        reading = beside.submit(_reading, settings)
        encoder = load_encoder(settings)
        return encoder, _answerer(settings, encoder, *reading.result())


def build_answerer(settings: Settings, encoder: Encoder) -> Answerer:
    """Wire the read flow.

    Raises:
        ModelMissing: the reader's weights are missing or not the expected ones.
    """
    return _answerer(settings, encoder, *_reading(settings))


def _answerer(
    settings: Settings,
    encoder: Encoder,
    reader: HitReader,
    threshold_for: Callable[[float], float],
    policy: CitationPolicy,
) -> Answerer:
    return Answerer(
        build_retriever(settings, encoder), reader, threshold_for(settings.accepted_error), policy
    )


def build_measured_answerer(
    settings: Settings, encoder: Encoder
) -> tuple[Answerer, Callable[[float], float]]:
    """Wire the read flow so that it answers however unsure it is; return it with the threshold of each accepted error.

    Raises:
        ModelMissing: the reader's weights are missing or not the expected ones.
    """
    reader, threshold_for, policy = _reading(settings)
    return Answerer(build_retriever(settings, encoder), reader, 0.0, policy), threshold_for


def _reading(settings: Settings) -> tuple[HitReader, Callable[[float], float], CitationPolicy]:
    """Return what reads, from which confidence on it answers by accepted error, and what is cited."""
    if settings.reader == "sentence-overlap":
        return OverlapReader(OVERLAP_CONFIDENCE), _overlap_threshold, OVERLAP_CITATIONS
    reader, calibration = load_reader(settings)
    return SpanReader(reader, calibration), calibration.threshold, SPAN_CITATIONS


def _overlap_threshold(accepted_error: float) -> float:
    return OVERLAP_THRESHOLD if accepted_error < 1 else 0.0


def load_reader(settings: Settings) -> tuple[Reader, AnswerCalibration]:
    """Load the model that reads paragraphs, and its calibration.

    Raises:
        ModelMissing: its weights are missing or not the expected ones.
    """
    try:
        calibration = load_calibration(WEIGHTS_FOLDER)
        fast = _on_onnx(settings, OnnxReader)
        if fast:
            return fast, calibration
        with HEAVY_IMPORTS:
            from embeddings.reader import CrossEncoderReader  # torch takes seconds to import

            return CrossEncoderReader(), calibration
    except ModelUnavailable as error:
        raise ModelMissing(str(error)) from error


def inference_obstacle(settings: Settings) -> str | None:
    """Return why the models run on PyTorch, None where they run on ONNX Runtime; loads nothing."""
    if settings.inference == "torch":
        return "QA_INFERENCE is torch"
    return obstacle()


def _on_onnx(settings: Settings, make: Callable[..., _Model]) -> _Model | None:
    """Return the model on ONNX Runtime; None where the settings, the machine or the disk are against it.

    Raises:
        ModelMissing: the settings ask for ONNX Runtime alone, or weights are not the expected ones.
    """
    hindrance = inference_obstacle(settings)
    if hindrance is None:
        try:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            return make(
                settings.data_dir / MODELS,
                _calibration_texts,
                threads=settings.encoder_threads,
            )
        except ModelUnavailable as error:
            raise ModelMissing(str(error)) from error
        except (OSError, RuntimeError) as error:
            hindrance = f"{type(error).__name__}: {error}"
            _log.warning("The models run on PyTorch, for ONNX Runtime failed: %s", hindrance)
    if settings.inference == "onnx":
        raise ModelMissing(f"QA_INFERENCE is onnx, but {hindrance}. Use auto or torch.")
    return None


def _prepare_reader(settings: Settings) -> None:
    """Export the reader if need be, while whoever waits for an index waits anyway: the first question need not."""
    if settings.reader == "sentence-overlap" or inference_obstacle(settings):
        return
    try:
        ensure_reader_exported(settings.data_dir / MODELS, _calibration_texts, packaged_model())
    except (ModelUnavailable, OSError, RuntimeError) as error:
        _log.warning(
            "The reader could not be prepared: %s", error
        )  # a question that needs it says it in full


def _calibration_texts() -> list[str]:
    """Return the paragraphs of the sample articles, on which models are exported and 8-bit ranges are fitted."""
    print("Preparing a model, once; it takes some seconds.", file=sys.stderr, flush=True)
    articles = (item for item in read_sources([sample_folder()]) if isinstance(item, Article))
    return [paragraph.text for article in articles for paragraph in article.paragraphs]


def build_service(settings: Settings) -> LiveService:
    """Wire a service that follows the newest generation in the data folder."""
    encoder, answerer = load_answerer(settings)
    live = LiveArchive(settings.data_dir, BACKENDS, encoder.weight_hash, settings.refresh_s)
    return LiveService(live, encoder, build_retriever(settings, encoder), answerer, settings.data_dir)


def open_archive(settings: Settings, encoder: Encoder) -> Archive:
    """Open the current generation for one question or one evaluation."""
    return open_current(settings.data_dir, BACKENDS, encoder.weight_hash)


def run_reindex(
    settings: Settings, sources: Sequence[Path], *, full: bool, dry_run: bool, progress: Progress
) -> ReindexReport:
    """Index `sources` into a new generation."""
    read_sources(sources)  # what cannot be opened is said before the models take seconds to load
    encoder = load_encoder(settings)
    report = _reindex(settings, encoder, sources, full=full, dry_run=dry_run, progress=progress)
    if not dry_run:
        _prepare_reader(settings)
    return report


def follow_sources(
    settings: Settings,
    sources: Sequence[Path],
    *,
    full: bool,
    progress: Progress,
    on_report: Callable[[ReindexReport], None],
    on_error: Callable[[QAError], None],
) -> NoReturn:
    """Index `sources` now and after every change, with one encoder, until the process is told to end."""
    read_sources(sources)
    encoder = load_encoder(settings)
    reports: list[ReindexReport] = []

    def reindex_changes() -> None:
        first = not reports  # may mend what an upgrade made unreadable, so it is published in any case
        report = _reindex(
            settings, encoder, sources, full=full and first, if_changed=not first, progress=progress
        )
        reports[:] = [report]
        on_report(report)
        if first:
            _prepare_reader(settings)

    watch(sources, reindex_changes, poll_s=settings.watch_s, on_error=on_error)


def _reindex(
    settings: Settings, encoder: Encoder, sources: Sequence[Path], *, progress: Progress, **options: bool
) -> ReindexReport:
    return reindex(
        sources,
        settings.data_dir,
        encoder=encoder,
        chunker=ParagraphChunker(title=settings.chunk_title),
        backends=BACKENDS,
        keep=settings.keep_generations,
        max_deleted=parse_share(settings.max_deleted),
        expendable=_sample_ids,
        progress=progress,
        **options,
    )


def _sample_ids() -> frozenset[str]:
    """Return the ids of the sample articles: they make room for people's own without being asked about."""
    return frozenset(item.article_id for item in read_sources([sample_folder()]) if isinstance(item, Article))


def sample_folder() -> Path:
    """Return the folder of the sample articles that come with the install."""
    return Path(str(files("qa_service").joinpath("samples", "articles")))
