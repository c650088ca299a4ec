// What diff-sample draws from: a model, its schedule, the levels to visit.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/models/pipeline_drawing.hpp"
#include "tools/cli/tool.hpp"
#include "tools/sample/guide.hpp"

namespace diffusion {

inline constexpr std::string_view usual_precision = "float32";

struct SourceRequest {
  std::string model, schedule;             // schedule: "" for the model's own
  std::string weights, precision, device;  // "" where they are not given
  ExecOptions exec;
};

void add_source_options(const cli::Flags& flags, SourceRequest& request);

struct SampleSource {
  Model model;
  Schedule schedule;
  PipelineDrawing drawing = {};  // how it is usually drawn from
  std::optional<Guide> guide = {};
};

/// Whether a model's answers are those of a network that is run here.
bool is_network(const std::string& model);

/// `guide` names the model to guide away from, where there is one; `reading` says how the images of
/// empirical: are read, where flags can say it. Throws Error where no model is named, where the
/// schedule does not suit it, and where the guide does not.
SampleSource open_source(const cli::Tool& tool, const SourceRequest& request,
                         const cli::GuideRequest& guide,
                         const std::optional<ImageSetOptions>& reading = {});

/// To be called when all is asked: says what went wrong at a model's own end. Throws Error where
/// its answers may be to other questions.
void finish(const cli::Tool& tool, const SampleSource& source);

/// 1 where images were left out, of a model's or so many others.
cli::ExitCode ending(const SampleSource& source, std::size_t left_out);

struct GridRequest {
  std::string spec = "trailing";
  int steps = 0;  // 0: as many as are usual
};

void add_grid_options(const cli::Flags& flags, GridRequest& request);

std::vector<NoiseLevel> grid_of(const Schedule& schedule, const GridRequest& request);

}  // namespace diffusion
