FROM python:3.12-slim

# docker build --build-arg VIEWER=yes puts OHIF into the image.
ARG VIEWER=no
WORKDIR /opt/fhantom
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY server server
COPY seed seed
COPY migrations migrations
RUN pip install --no-cache-dir . \
    && useradd --create-home fhantom \
    && install -d -o fhantom -g fhantom /data \
    && if [ "$VIEWER" = yes ]; then fhantom viewer install --to /opt/viewer; fi

USER fhantom
# Data and prepared seeds share one volume, so that a reset links pixel data instead of copying it.
ENV FHANTOM_HOST=0.0.0.0 \
    FHANTOM_PORT=8080 \
    FHANTOM_DATA=/data/store \
    FHANTOM_CACHE=/data/cache \
    FHANTOM_VIEWER=/opt/viewer
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["fhantom", "healthcheck"]
CMD ["fhantom", "serve"]
