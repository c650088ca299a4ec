// --paths and --field: how samples of two numbers come about, as pictures of the plane.
#pragma once
#include <string>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/output/turn.hpp"
#include "lib/sample/generate.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct PlaneRequest {
  std::string paths, field;  // "": none
  std::string level;         // of the field; "": the usual one

  bool any() const { return !paths.empty() || !field.empty(); }
};

void add_plane_options(const cli::Flags& flags, PlaneRequest& request);

/// Throws Error where such pictures cannot be drawn, before any work.
void check_plane(const PlaneRequest& request);

/// The run that pictures are of.
struct PlaneRun {
  const Model& model;
  const Schedule& schedule;
  std::span<const NoiseLevel> grid;
  const DenoiserOf& denoiser;
  std::span<const Turn> turns;
};

/// Throws Error where the model's samples are not points of the plane, where the level is not one
/// of the schedule's, and for a field of several classes.
void check_plane(const PlaneRequest& request, const PlaneRun& run);

/// The states of the first samples at the levels of the grid, in the data's units. Those of
/// variance-exploding paths are shown over sqrt(1 + sigma^2), as far out as those of others.
class Paths {
 public:
  Paths(const std::string& path, const PlaneRun& run, std::size_t samples);

  /// For generate(); refers to this object.
  GenerateWatch watch();
  void write() const;

 private:
  void at_level(std::size_t offset, std::uint32_t index, const Tensor& x);

  std::string path_;
  PlaneRun run_;
  std::vector<Tensor> states_;  // of each level
};

/// Arrows from places y = x_t / alpha to the model's x0, about the samples: sigma^2 / alpha^2 times
/// the score of the data with noise of sigma / alpha.
void write_field(const PlaneRequest& request, const PlaneRun& run, const Tensor& samples);

}  // namespace diffusion
