# The service as one static binary: docker build -t iqbot . && docker run -p 8080:8080 iqbot
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /iqbot ./cmd/iqbot

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /iqbot /iqbot
USER nonroot:nonroot
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/iqbot", "health"]
ENTRYPOINT ["/iqbot"]
CMD ["serve"]
