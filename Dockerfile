# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
# Every file is checked against its hash here; the installation below sees nothing but these files.
RUN pip download --no-cache-dir --quiet --require-hashes --only-binary :all: -r requirements.lock -d /wheels
COPY pyproject.toml README.md LICENSE ./
COPY alembic ./alembic
COPY monitor ./monitor
RUN python -m venv /opt/monitor \
 && /opt/monitor/bin/pip install --no-cache-dir --quiet --no-index --find-links /wheels ".[postgres,learned]" \
 && /opt/monitor/bin/pip uninstall --yes --quiet pip setuptools

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/monitor --create-home monitor
COPY --from=build /opt/monitor /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MONITOR_CONFIG=/etc/monitor/config.yaml \
    MONITOR_DATABASE=sqlite:////var/lib/monitor/monitor.db
WORKDIR /var/lib/monitor
VOLUME ["/var/lib/monitor"]
USER 10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["monitor", "doctor", "--health"]
ENTRYPOINT ["monitor"]
CMD ["run", "--migrate"]
