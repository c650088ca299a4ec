# Golden command lines live in tests/cli/<tool>/<name>.approved.
