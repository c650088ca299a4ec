#include "tools/sample_output.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/pixels.hpp"
#include "lib/tensor/npz.hpp"
#include "tools/cli.hpp"

namespace diffusion::cli {
namespace {

std::string eight_bits(const Tensor& values) {
  std::string bytes(values.size(), '\0');
  to_samples({values.data(), values.size()}, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

std::string_view as_bytes(const Tensor& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// Sample n of a batch as a picture.
Image picture(const Tensor& samples, std::size_t n, const Shape& shape) {
  Image image{Tensor(shape), Depth::uint8};
  std::copy_n(samples.data() + n * image.pixels.size(), image.pixels.size(), image.pixels.data());
  return image;
}

std::vector<std::size_t> batch_shape(const SampleOutput& output) {
  std::vector<std::size_t> shape{output.count};
  shape.insert(shape.end(), output.shape.begin(), output.shape.end());
  return shape;
}

std::string file_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + ".png";
}

class FolderWriter : public SampleWriter {
 public:
  explicit FolderWriter(const SampleOutput& output) : output_(output) { make_folder(output.path); }

  void take(std::size_t offset, const Tensor& samples) override {
    parallel_for(samples.shape()[0], [&](std::size_t n) {
      const std::string path = (output_.path.ends_with('/') ? output_.path : output_.path + "/") +
                               file_name(output_.first + offset + n);
      write_image(path, picture(samples, n, output_.shape));
    });
  }
  void finish() override {}

 private:
  SampleOutput output_;
};

class ArrayWriter : public SampleWriter {
 public:
  explicit ArrayWriter(const SampleOutput& output)
      : as_float_(output.as_float),
        file_(output.path, as_float_ ? NpyType::float32 : NpyType::uint8, batch_shape(output)) {}

  void take(std::size_t, const Tensor& samples) override {
    const std::string narrow = as_float_ ? std::string() : eight_bits(samples);
    const std::string_view bytes = as_float_ ? as_bytes(samples) : std::string_view(narrow);
    file_.append(bytes.data(), bytes.size());
  }
  void finish() override { file_.commit(); }

 private:
  bool as_float_;
  NpyWriter file_;
};

/// The layout of published evaluation batches: `arr_0`, N x H x W x C.
class ArchiveWriter : public SampleWriter {
 public:
  explicit ArchiveWriter(const SampleOutput& output) : output_(output) {}

  void take(std::size_t, const Tensor& samples) override {
    data_ += output_.as_float ? std::string(as_bytes(samples)) : eight_bits(samples);
  }
  void finish() override {
    const NpyType type = output_.as_float ? NpyType::float32 : NpyType::uint8;
    write_npz(output_.path, {{"arr_0", npy_bytes(type, batch_shape(output_), data_)}});
  }

 private:
  SampleOutput output_;
  std::string data_;
};

class SheetWriter : public SampleWriter {
 public:
  explicit SheetWriter(const SampleOutput& output) : output_(output) {}

  void take(std::size_t, const Tensor& samples) override {
    for (std::size_t n = 0; n < samples.shape()[0]; ++n)
      pictures_.push_back(picture(samples, n, output_.shape));
  }
  void finish() override {
    SheetLayout layout{.scale = 0};
    if (const std::size_t rows = output_.sheet_rows.size()) {
      layout.columns = (pictures_.size() + rows - 1) / rows;
      layout.row_labels = output_.sheet_rows;
      deal_into_rows(rows, layout.columns);
    }
    write_image(output_.sheet, contact_sheet(pictures_, layout));
  }

 private:
  /// Samples take turns in the rows; a place that none is left for stays white.
  void deal_into_rows(std::size_t rows, std::size_t columns) {
    std::vector<Image> dealt(rows * columns, Image{Tensor(output_.shape, 1.0f), Depth::uint8});
    for (std::size_t n = 0; n < pictures_.size(); ++n)
      dealt[n % rows * columns + n / rows] = std::move(pictures_[n]);
    pictures_ = std::move(dealt);
  }

  SampleOutput output_;
  std::vector<Image> pictures_;
};

void need_picture_shape(const SampleOutput& output, const std::string& path) {
  const std::size_t channels = output.shape[2];
  if (channels == 1 || channels == 3 || channels == 4) return;
  throw Error(path + ": samples of " + describe(output.shape) +
              " are no pictures (1, 3 or 4 channels); write .npy or .npz");
}

}  // namespace

std::vector<std::unique_ptr<SampleWriter>> sample_writers(const SampleOutput& output) {
  std::vector<std::unique_ptr<SampleWriter>> writers;
  const std::string kind = extension(output.path);
  if (output.path.empty()) {
  } else if (output.path == "-" || kind == ".npy") {
    refuse_terminal(output.path, "an array of samples");
    writers.push_back(std::make_unique<ArrayWriter>(output));
  } else if (kind == ".npz") {
    writers.push_back(std::make_unique<ArchiveWriter>(output));
  } else if (names_folder(output.path)) {
    need_picture_shape(output, output.path);
    writers.push_back(std::make_unique<FolderWriter>(output));
  } else {
    throw Error(output.path +
                ": samples go to a folder (a name with a trailing / or no extension), "
                ".npy, .npz or - for standard output");
  }
  if (!output.sheet.empty()) {
    need_picture_shape(output, output.sheet);
    if (!is_image_name(output.sheet))
      throw Error(output.sheet + ": a sheet is a picture; name it .png, for instance");
    writers.push_back(std::make_unique<SheetWriter>(output));
  }
  return writers;
}

}  // namespace diffusion::cli
