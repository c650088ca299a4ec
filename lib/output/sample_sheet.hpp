// All samples on one picture.
#pragma once
#include <string>
#include <vector>

#include "lib/output/kept_pictures.hpp"
#include "lib/output/sample_files.hpp"

namespace diffusion {

struct SheetRequest {
  std::string path;         // a picture of all samples, or "" for none
  std::size_t columns = 0;  // 0: a row a class, or as square as can be
  bool numbers = false;     // beside its rows
};

/// How many samples of this shape one sheet shows at most: so many that it stays a
/// picture that programs open.
std::size_t sheet_capacity(const Shape& shape);

/// Shows the first samples of an output. Those that it is not given, since they were
/// drawn before, are read from its folder.
class SampleSheet {
 public:
  /// Throws Error where the samples' shape or the sheet's name does not suit a picture.
  SampleSheet(const SheetRequest& asked, const SampleOutput& output);

  /// A batch, N x H x W x C, from sample first + offset of the output on.
  void take(std::size_t offset, const Tensor& samples);
  /// Writes the sheet. Throws Error where an earlier sample can't be read or has another
  /// shape, OutputError.
  void finish();

 private:
  void read_others();

  SheetRequest asked_;
  SampleOutput output_;
  KeptPictures pictures_;
  std::vector<bool> taken_;
};

}  // namespace diffusion
