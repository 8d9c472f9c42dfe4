"""The HTTP edge: chat page, article pages and JSON API over a `Service`; knows nothing of models."""

from flask import Flask
from jinja2 import StrictUndefined

from qa_service.service import Service
from qa_service.settings import Settings
from qa_service.state.database import Database
from web import (
    access_log,
    accounts,
    admission,
    api,
    conversations_api,
    error_handlers,
    feedback_api,
    guarded_service,
    health,
    metrics,
    openapi,
    pages,
    request_ids,
    security,
    sessions,
)
from web.article_urls import ArticleIdConverter

__all__ = ["create_app"]


def create_app(settings: Settings, service: Service, state: Database | None = None) -> Flask:
    """Return the WSGI application that answers from `service` and keeps what people create in `state`.

    Raises:
        InvalidSetting: the settings of access do not fit together, or would let everybody in unasked.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.extensions["qa_settings"] = settings
    counts = metrics.Metrics(service)
    app.extensions["qa_service"] = guarded_service.GuardedService(
        service, admission.for_settings(settings), counts
    )
    app.extensions["qa_state"] = state
    app.url_map.merge_slashes = False  # an article id may hold any characters, doubled slashes too
    app.url_map.converters["article_id"] = ArticleIdConverter
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    request_ids.install(app)
    metrics.install(app, counts)
    access_log.install(app, settings)
    guarded_service.install(app)
    accounts.install(app, settings, state)
    security.install(app)
    error_handlers.install(app)
    health.install(app, state)
    counts.watch(health.state_checks)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(conversations_api.blueprint)
    app.register_blueprint(feedback_api.blueprint)
    sessions.install(app)
    app.register_blueprint(pages.blueprint)
    return app
