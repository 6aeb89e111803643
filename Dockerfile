# The bridge as a static program in an image that holds nothing else. Any processor builds for any other:
#   docker buildx build --platform linux/amd64,linux/arm64 .
# Targets: `bridge`, which runs as a user without rights (the default); `app`, for Home Assistant, where the program starts
# as root because only root can read the options there; `program`, the bare file.

ARG RUST_IMAGE=docker.io/library/rust:1.95-slim-bookworm

FROM --platform=$BUILDPLATFORM ${RUST_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src

# Clang compiles SQLite and the cryptography for either processor; all that it lacks are the headers of the C library.
RUN case "$TARGETARCH" in \
        amd64) machine=x86_64 ;; \
        arm64) machine=aarch64 ;; \
        *) echo "this image is made for amd64 and arm64, not for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && dpkg --add-architecture "$TARGETARCH" \
    && apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates clang "musl-dev:$TARGETARCH" \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s "/usr/include/$machine-linux-musl" /usr/include/target \
    && echo "$machine-unknown-linux-musl" >/target \
    && rustup target add "$machine-unknown-linux-musl"
ENV TARGET_CC=clang \
    TARGET_CFLAGS="-nostdlibinc -isystem /usr/include/target" \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld

# The libraries are a layer of their own, which stays as it is when only the sources change.
ARG PROFILE=release
COPY Cargo.toml Cargo.lock ./
RUN mkdir src tests benches \
    && echo 'fn main() {}' | tee src/main.rs tests/promises.rs \
        benches/archive.rs benches/footprint.rs benches/history.rs benches/page.rs benches/statistics.rs >/dev/null \
    && touch src/lib.rs \
    && cargo build --locked --profile "$PROFILE" --target "$(cat /target)"

COPY config.example.yaml ./
COPY src src
# Cargo goes by the time of a file, and that of the real ones is older.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --profile "$PROFILE" --target "$(cat /target)" --bin fluvius2mqtt \
    && cp "target/$(cat /target)/$PROFILE/fluvius2mqtt" /fluvius2mqtt \
    && mkdir -p /image/etc/ssl/certs /image/tmp /data \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && echo 'fluvius2mqtt:x:65532:65532::/data:/sbin/nologin' >/image/etc/passwd \
    && chmod 1777 /image/tmp \
    && chmod 700 /data

FROM scratch AS program
COPY --from=build /fluvius2mqtt /

FROM scratch AS app
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fluvius2mqtt" \
    org.opencontainers.image.description="Brings the readings of Flemish digital meters from Mijn Fluvius to Home Assistant" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    io.hass.type="app" \
    io.hass.version="$VERSION" \
    io.hass.arch="aarch64|amd64"
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /fluvius2mqtt /usr/bin/fluvius2mqtt
# A configuration that is mounted as /data/config.yaml is found.
WORKDIR /data
VOLUME /data
ENV PATH=/usr/bin \
    FLUVIUS2MQTT_DATA_DIR=/data
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["fluvius2mqtt", "health"]
ENTRYPOINT ["fluvius2mqtt"]

FROM app AS bridge
USER 65532:65532
