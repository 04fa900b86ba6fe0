# syntax=docker/dockerfile:1
# Curtilage as an image: built with all tools, run without them, as a user without rights.
#
#   docker build -t curtilage .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --ulimit core=0 --memory-swappiness 0 \
#     -v curtilage-data:/data -v ./config:/config:ro -p 8883:8883 curtilage

FROM node:20-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# the sources follow: what is built is not built here yet
RUN ["npm", "ci", "--ignore-scripts"]
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY simulators ./simulators
COPY bench ./bench
COPY config ./config
RUN ["npm", "run", "build"]
RUN ["npm", "prune", "--omit=dev", "--ignore-scripts"]

FROM node:20-slim
LABEL org.opencontainers.image.title="curtilage" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
RUN mkdir --mode=0700 /data && chown node:node /data
WORKDIR /app
COPY --from=build --chown=root:root /build/package.json ./
COPY --from=build --chown=root:root /build/node_modules ./node_modules
COPY --from=build --chown=root:root /build/dist ./dist
COPY --chown=root:root config /config
USER node
VOLUME ["/data"]
EXPOSE 8883
# the shipped configuration listens on loopback alone: mount one with an mqtts listener. The API stays inside.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["start", "--config", "/config", "--data", "/data"]
