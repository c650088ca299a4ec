#include "lib/output/sample_sheet.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {
namespace {

/// Which sample stands in a place, and what stands beside the places.
struct Plan {
  SheetLayout layout;
  std::size_t places;
  std::function<std::size_t(std::size_t place)> sample;
};

/// A row a class, or as many as `columns` leave.
Plan row_by_row(const SheetRequest& asked, const SampleOutput& output, std::size_t count) {
  const std::size_t turns = output.turns.size();
  Plan plan{
      {.columns = asked.columns, .scale = SheetLayout::readable}, count, [](auto n) { return n; }};
  std::size_t& columns = plan.layout.columns;
  while (columns * columns < count && asked.columns == 0) ++columns;  // a square
  if (turns > 1 && columns % turns == 0)
    for (std::size_t n = 0; n < columns; ++n)
      plan.layout.column_labels.push_back(output.turns[n % turns].name);
  for (std::size_t n = 0; asked.numbers && n < count; n += columns)
    plan.layout.row_labels.push_back(std::to_string(output.first + n));
  return plan;
}

/// Samples take turns in the rows.
Plan row_a_class(const SheetRequest& asked, const SampleOutput& output, std::size_t count) {
  const std::size_t rows = output.turns.size(), columns = (count + rows - 1) / rows;
  Plan plan{{.columns = columns, .scale = SheetLayout::readable},
            rows * columns,
            [=](std::size_t place) { return place % columns * rows + place / columns; }};
  for (const Turn& turn : output.turns) plan.layout.row_labels.push_back(turn.name);
  for (std::size_t n = 0; asked.numbers && n < columns; ++n)
    plan.layout.column_labels.push_back(std::to_string(output.first + n * rows));
  return plan;
}

Plan plan_of(const SheetRequest& asked, const SampleOutput& output, std::size_t count) {
  const bool by_class = output.turns.size() > 1 && asked.columns == 0;
  return by_class ? row_a_class(asked, output, count) : row_by_row(asked, output, count);
}

/// What was written for a sample before.
Tensor read_sample(const std::string& path) {
  return extension_of(path) == ".npy" ? read_npy(path).to_tensor() : read_image(path).pixels;
}

}  // namespace

std::size_t sheet_capacity(const Shape& shape) {
  constexpr std::size_t most_values = std::size_t(1) << 25, gap = 2;
  const std::size_t each = (shape[0] + gap) * (shape[1] + gap) * (shape[2] == 1 ? 1 : 3);
  return std::max<std::size_t>(1, most_values / each);
}

SampleSheet::SampleSheet(const SheetRequest& asked, const SampleOutput& output)
    : asked_(asked),
      output_(output),
      pictures_(output.shape, std::min(output.count, sheet_capacity(output.shape))),
      taken_(pictures_.size()) {
  need_picture_shape(output.shape, asked.path);
  if (!is_writable_image_name(asked.path))
    throw Error(asked.path + ": a sheet is a picture; name it .png, for instance");
}

void SampleSheet::take(std::size_t offset, const Tensor& samples) {
  const std::size_t each = samples.size() / samples.shape(0);
  const std::size_t end = std::min(pictures_.size(), offset + samples.shape(0));
  for (std::size_t n = offset; n < end; ++n) {
    pictures_.put(n, samples.data() + (n - offset) * each);
    taken_[n] = true;
  }
}

void SampleSheet::read_others() {
  for (std::size_t n = 0; n < pictures_.size(); ++n) {
    if (taken_[n]) continue;
    const std::string path = output_.to.file(sample_name(output_.first + n, output_.depth));
    const Tensor sample = read_sample(path);
    if (sample.shape() != output_.shape)
      throw Error(path + ": is " + describe(sample.shape()) + " where the model's are " +
                  describe(output_.shape));
    pictures_.put(n, sample.data());
  }
}

void SampleSheet::finish() {
  read_others();
  const Plan plan = plan_of(asked_, output_, pictures_.size());
  const Image white{Tensor(output_.shape, 1.0f), Depth::uint8};
  const auto picture = [&](std::size_t place) {
    const std::size_t n = plan.sample(place);
    return n < pictures_.size() ? pictures_[n] : white;
  };
  write_image(asked_.path, contact_sheet({plan.places, picture}, plan.layout));
}

}  // namespace diffusion
