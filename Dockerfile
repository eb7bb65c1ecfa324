# The command and the worker of a runner of Beam's, in one image: docs/engines.md says how a cluster uses it.
# Build: docker build -t wirecopy .   Run: docker run -v "$PWD:/data" wirecopy demo
FROM python:3.11.14-slim-bookworm AS build
ENV VENV=/opt/wirecopy PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv $VENV && $VENV/bin/pip install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY transforms transforms
COPY pipelines pipelines
COPY seeds seeds
COPY wirecopy wirecopy
RUN $VENV/bin/pip install --no-deps .
RUN cd / && WIRECOPY_LAKE=$(mktemp -d)/lake $VENV/bin/wirecopy demo

FROM apache/beam_python3.11_sdk:2.77.0 AS beam

FROM python:3.11.14-slim-bookworm
ENV VENV=/opt/wirecopy
COPY --from=build $VENV $VENV
COPY --from=beam /opt/apache/beam /opt/apache/beam
COPY --chmod=755 deploy/entry.sh /usr/local/bin/wirecopy-entry
ENV PATH=$VENV/bin:$PATH PYTHONUNBUFFERED=1 WIRECOPY_LAKE=/data/lake RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1
WORKDIR /data
RUN chown 10001:10001 .
USER 10001:10001
VOLUME /data
ENTRYPOINT ["wirecopy-entry"]
CMD ["--help"]
