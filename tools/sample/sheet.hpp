// All samples on one picture.
#pragma once
#include "tools/cli/picture_store.hpp"
#include "tools/sample/output.hpp"

namespace diffusion::cli {

/// How many samples of this shape one sheet shows at most: so many that it stays a
/// picture that programs open.
std::size_t sheet_capacity(const Shape& shape);

/// Shows the first samples of an output. Those that it is not given, since they were
/// drawn before, are read from its folder.
class SheetWriter : public SampleWriter {
 public:
  explicit SheetWriter(const SampleOutput& output);

  void take(std::size_t offset, const Tensor& samples) override;
  void finish() override;

 private:
  void read_others();

  SampleOutput output_;
  PictureStore pictures_;
  std::vector<bool> taken_;
};

}  // namespace diffusion::cli
