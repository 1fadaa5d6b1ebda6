# The whole program in one image: `docker run -p 8000:8000 -v layersite:/data layersite` is all of it, with SQLite and the
# embedded broker. compose.yaml runs the same image as web, worker and beat beside PostgreSQL and Redis.

# Any image with Python 3.11 or later, its venv module and useradd will do: `docker build --build-arg BASE=debian-python .`
ARG BASE=python:3.11-slim-bookworm

FROM $BASE AS build
WORKDIR /app
RUN python3 -m venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH
COPY requirements.txt .
COPY docker/slim.sh docker/slim.sh
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt \
 && sh docker/slim.sh .venv/lib/python3*/site-packages \
 && rm -r docker
COPY manage.py CHANGELOG.md ./
COPY layersite layersite
COPY analyzer analyzer
COPY templates templates
RUN DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q analyzer layersite \
 # What was taken out is not missed: what is loaded late is loaded once.
 && DATA_DIR=/tmp/build python -c "import botocore.session, plotly.graph_objects, pyarrow.compute, pyarrow.parquet, layersite.wsgi; \
botocore.session.get_session().create_client('s3', region_name='any')" \
 && rm -rf /tmp/build

FROM $BASE
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin layersite \
 && install -d -o layersite -g layersite -m 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data BIND=0.0.0.0 PORT=8000
USER layersite
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["python", "-m", "layersite.run"]
