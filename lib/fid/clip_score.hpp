// How well images go with the texts they were made from.
// Hessel et al. 2021, "CLIPScore: A Reference-free Evaluation Metric for Image Captioning".
#pragma once
#include <vector>

#include "lib/tensor/rows.hpp"

namespace diffusion {

/// 100 max(cos(image, text), 0) of each pair: row i of both. Throws Error when a row is zero.
std::vector<double> clip_scores(const RowsView& images, const RowsView& texts);

}  // namespace diffusion
