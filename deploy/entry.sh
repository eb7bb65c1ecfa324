#!/bin/sh
# Runners of Beam's start the image with options of their own: as one worker, or as the pool that starts workers.
case "${1-}" in
  --id=* | --worker_pool | --worker_pool=* | --logging_endpoint=*) exec /opt/apache/beam/boot "$@" ;;
  *) exec wirecopy "$@" ;;
esac
