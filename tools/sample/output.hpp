// Where samples go: a folder of pictures, an array, an archive, a contact sheet.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/tensor/tensor.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// A class that samples take turns in.
struct Turn {
  int label;
  std::string name;
};

struct SheetRequest {
  std::string path;         // a picture of all samples, or "" for none
  std::size_t columns = 0;  // 0: a row a class, or as square as can be
  bool numbers = false;     // beside its rows
};

struct SampleOutput {
  std::string path;  // folder, .npy, .npz, "-" (one .npy), or "" for none
  SheetRequest sheet;
  std::uint64_t first = 0;  // number of the first sample, for file names
  std::size_t count = 0;
  std::vector<Turn> turns = {};  // from the first sample on; empty: no classes
  Shape shape;                   // of one sample: H x W x C
  bool as_float = false;         // float32 in the model's own values rather than 8 bits
};

void add_output_options(const Flags& flags, std::string& output, bool& as_float,
                        SheetRequest& sheet);

/// The file of sample `number` in a folder of them.
std::string sample_path(const std::string& folder, std::uint64_t number);

/// Takes batches in order and writes them; finish() completes what is written whole.
class SampleWriter {
 public:
  virtual ~SampleWriter() = default;
  virtual void take(std::size_t offset, const Tensor& samples) = 0;
  virtual void finish() = 0;
};

/// The writers that an output asks for. Throws Error where the samples' shape or
/// the file's extension does not fit, before anything is sampled.
std::vector<std::unique_ptr<SampleWriter>> sample_writers(const SampleOutput& output);

/// Throws Error, opened by `path`, unless samples of this shape are pictures.
void need_picture_shape(const Shape& shape, const std::string& path);

}  // namespace diffusion::cli
