# A slim CPU image that runs the Makefile's own steps.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY pyproject.toml constraints.txt Makefile README.md LICENSE ./
COPY qa_service qa_service
COPY embeddings embeddings
COPY web web

# Give an index of CPU-only torch builds here to keep CUDA out of the image (README, "A lean install").
ARG TORCH_ARGS=""
ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1
RUN make setup TORCH_ARGS="${TORCH_ARGS}"

RUN useradd --uid 10001 --no-create-home qa && mkdir /data && chown qa /data
USER qa
# Listening beyond loopback, the server asks for an API key and does not start while there is none: make one
# with `qa-service keys create NAME` in the volume, or say QA_OPEN_ACCESS=1 (docs/SECURITY.md).
ENV QA_DATA_DIR=/data QA_HOST=0.0.0.0 QA_PORT=8000 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
CMD ["make", "serve"]
