// --scatter: samples that are points of the plane, as a picture.
#pragma once
#include <optional>
#include <string>

#include "lib/models/model.hpp"
#include "lib/sample/generate.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct ScatterRequest {
  std::string path, over;  // "": none
};

void add_scatter_options(const cli::Flags& flags, ScatterRequest& request);

/// Throws Error where such a picture cannot be drawn, before any work.
void check_scatter(const ScatterRequest& request);

class Scatter {
 public:
  /// Reads the data that is drawn beneath. Throws Error unless the model draws points of the plane.
  Scatter(const cli::Tool& tool, const ScatterRequest& request, const Model& model,
          std::size_t count);

  /// A batch, from sample `offset` on.
  void take(std::size_t offset, const Tensor& samples);
  void write() const;
  std::size_t left_out() const { return left_out_; }  // of the data

 private:
  ScatterRequest request_;
  Tensor samples_;
  std::optional<Tensor> beneath_ = {};
  std::size_t left_out_ = 0;
};

}  // namespace diffusion
