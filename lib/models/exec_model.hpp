// A model that is a program in any language.
#pragma once
#include <string>

#include "lib/models/model.hpp"

namespace diffusion {

/// `command`, run by /bin/sh -c, reads three .npy arrays back to back for each question: x
/// (N x H x W x C float32, in the path's own scale), the timestep of each (float32) and its
/// label (int32, -1 for none). It answers one .npy of x's shape and any floating type,
/// which is what options.exec says it predicts; and so on until its standard input closes.
/// It starts with the first question. Throws Error where the shape is not given.
Model load_exec(const std::string& command, const ModelOptions& options);

}  // namespace diffusion
