"""The one place that chooses concrete models, indexes and stores, and says what loads when."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import Encoder, ModelUnavailable
from embeddings.vector_index import FlatVectorIndexBackend
from qa_service.answering import Answerer, CitationPolicy
from qa_service.archive import Archive, Backends, LiveArchive, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.confidence import ConfidenceModel
from qa_service.errors import ModelMissing
from qa_service.indexing import Progress, ReindexReport, reindex
from qa_service.live_service import LiveService
from qa_service.parsing import read_sources
from qa_service.reading import OverlapReader
from qa_service.retrieval import Retriever
from qa_service.settings import Settings

BACKENDS = Backends(FlatVectorIndexBackend(), Bm25LexicalIndexBackend())

# Fitted by `python -m tests.bench.confidence`; docs/ANSWERS.md has the data and the figures.
CONFIDENCE = ConfidenceModel(intercept=-12.454, weights=(16.206, 2.345, 7.405))
CITATIONS = CitationPolicy(margin=0.5, gain=0.2)


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
    """Wire the read flow."""
    retriever = build_retriever(settings, encoder)
    return Answerer(retriever, OverlapReader(), CONFIDENCE, settings.answer_threshold, CITATIONS)


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
    return reindex(
        sources,
        settings.data_dir,
        encoder=encoder,
        chunker=ParagraphChunker(title=settings.chunk_title),
        backends=BACKENDS,
        keep=settings.keep_generations,
        full=full,
        dry_run=dry_run,
        progress=progress,
    )


def sample_folder() -> Path:
    """Return the folder of the sample articles that come with the install."""
    return Path(str(files("qa_service").joinpath("samples", "articles")))
