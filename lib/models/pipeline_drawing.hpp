// How a pipeline of diffusers draws, as far as its scheduler's settings decide it.
#pragma once
#include <string>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

struct PipelineDrawing {
  std::string clip;                     // of estimates: a spec of clips()
  std::string variance = "";            // of DDPM's steps: small, large, learned; "": no such steps
  std::vector<std::string> notes = {};  // what is not followed, a sentence each
};

/// Of a schedule that was read from a configuration of diffusers. Throws Error, opened by
/// `culprit`, for settings of another type and for a variance that is not known here.
PipelineDrawing pipeline_drawing(const Schedule& schedule, const std::string& culprit);

/// How a model is usually drawn from, `name` being what messages call it: a folder as its pipeline
/// draws; anything else clipped to [-1, 1] where it makes images, with the variance that it
/// learned, if it did.
PipelineDrawing usual_drawing(const Model& model, const std::string& name);

}  // namespace diffusion
