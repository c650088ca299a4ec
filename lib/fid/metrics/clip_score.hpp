// How well images go with the texts they were made from.
// Hessel et al. 2021, "CLIPScore: A Reference-free Evaluation Metric for Image Captioning".
#pragma once
#include <string>
#include <vector>

#include "lib/tensor/rows.hpp"

namespace diffusion {

/// Throws Error, naming `source`, when a row has no direction: it is zero or not finite.
void need_directions(const RowsView& rows, const std::string& source);

/// 100 max(cos(image, text), 0) of each pair: row i of both. All have directions.
std::vector<double> clip_scores(const RowsView& images, const RowsView& texts);

}  // namespace diffusion
