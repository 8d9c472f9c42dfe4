"""The one place that chooses concrete models, indexes and stores, and says what loads when."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

from embeddings.answer_calibration import AnswerCalibration, load_calibration
from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import Encoder, ModelUnavailable, Reader
from embeddings.vector_index import FlatVectorIndexBackend
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

BACKENDS = Backends(FlatVectorIndexBackend(), Bm25LexicalIndexBackend())

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
    from embeddings.encoder import SentenceTransformerEncoder  # torch takes seconds to import

    try:
        return SentenceTransformerEncoder(
            settings.encoder, batch_size=settings.encoder_batch, threads=settings.encoder_threads
        )
    except ModelUnavailable as error:
        raise ModelMissing(str(error)) from error


def build_retriever(settings: Settings, encoder: Encoder) -> Retriever:
    """Wire the ranking."""
    return Retriever(encoder, settings.retrieval_depth)


def build_answerer(settings: Settings, encoder: Encoder) -> Answerer:
    """Wire the read flow.

    Raises:
        ModelMissing: the reader's weights are missing or not the expected ones.
    """
    reader, threshold_for, policy = _reading(settings)
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
    reader, calibration = load_reader()
    return SpanReader(reader, calibration), calibration.threshold, SPAN_CITATIONS


def _overlap_threshold(accepted_error: float) -> float:
    return OVERLAP_THRESHOLD if accepted_error < 1 else 0.0


def load_reader() -> tuple[Reader, AnswerCalibration]:
    """Load the model that reads paragraphs, and its calibration.

    Raises:
        ModelMissing: its weights are missing or not the expected ones.
    """
    from embeddings.reader import WEIGHTS_FOLDER, CrossEncoderReader  # torch takes seconds to import

    try:
        return CrossEncoderReader(), load_calibration(WEIGHTS_FOLDER)
    except ModelUnavailable as error:
        raise ModelMissing(str(error)) from error


def build_service(settings: Settings) -> LiveService:
    """Wire a service that follows the newest generation in the data folder."""
    encoder = load_encoder(settings)
    live = LiveArchive(settings.data_dir, BACKENDS, encoder.weight_hash, settings.refresh_s)
    retriever, answerer = build_retriever(settings, encoder), build_answerer(settings, encoder)
    return LiveService(live, encoder, retriever, answerer, settings.data_dir)


def open_archive(settings: Settings, encoder: Encoder) -> Archive:
    """Open the current generation for one question or one evaluation."""
    return open_current(settings.data_dir, BACKENDS, encoder.weight_hash)


def run_reindex(
    settings: Settings, sources: Sequence[Path], *, full: bool, dry_run: bool, progress: Progress
) -> ReindexReport:
    """Index `sources` into a new generation."""
    read_sources(sources)  # what cannot be opened is said before the models take seconds to load
    encoder = load_encoder(settings)
    return _reindex(settings, encoder, sources, full=full, dry_run=dry_run, progress=progress)


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
