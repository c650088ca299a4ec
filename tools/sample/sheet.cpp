#include "tools/sample/sheet.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion::cli {
namespace {

constexpr std::size_t readable = 0;  // SheetLayout::scale: enough to see small pictures

/// Which sample stands in a place, and what stands beside the places.
struct Plan {
  SheetLayout layout;
  std::size_t places;
  std::function<std::size_t(std::size_t place)> sample;
};

/// A row a class, or as many as `columns` leave.
Plan row_by_row(const SampleOutput& output, std::size_t count) {
  const std::size_t turns = output.turns.size();
  Plan plan{{.columns = output.sheet.columns, .scale = readable}, count, [](auto n) { return n; }};
  std::size_t& columns = plan.layout.columns;
  while (columns * columns < count && output.sheet.columns == 0) ++columns;  // a square
  if (turns > 1 && columns % turns == 0)
    for (std::size_t n = 0; n < columns; ++n)
      plan.layout.column_labels.push_back(output.turns[n % turns].name);
  for (std::size_t n = 0; output.sheet.numbers && n < count; n += columns)
    plan.layout.row_labels.push_back(std::to_string(output.first + n));
  return plan;
}

/// Samples take turns in the rows.
Plan row_a_class(const SampleOutput& output, std::size_t count) {
  const std::size_t rows = output.turns.size(), columns = (count + rows - 1) / rows;
  Plan plan{{.columns = columns, .scale = readable}, rows * columns, [=](std::size_t place) {
              return place % columns * rows + place / columns;
            }};
  for (const Turn& turn : output.turns) plan.layout.row_labels.push_back(turn.name);
  for (std::size_t n = 0; output.sheet.numbers && n < columns; ++n)
    plan.layout.column_labels.push_back(std::to_string(output.first + n * rows));
  return plan;
}

Plan plan_of(const SampleOutput& output, std::size_t count) {
  const bool by_class = output.turns.size() > 1 && output.sheet.columns == 0;
  return by_class ? row_a_class(output, count) : row_by_row(output, count);
}

}  // namespace

std::size_t sheet_capacity(const Shape& shape) {
  constexpr std::size_t most_values = std::size_t(1) << 25, gap = 2;
  const std::size_t each = (shape[0] + gap) * (shape[1] + gap) * (shape[2] == 1 ? 1 : 3);
  return std::max<std::size_t>(1, most_values / each);
}

SheetWriter::SheetWriter(const SampleOutput& output)
    : output_(output),
      pictures_(output.shape, std::min(output.count, sheet_capacity(output.shape))),
      taken_(pictures_.size()) {}

void SheetWriter::take(std::size_t offset, const Tensor& samples) {
  const std::size_t each = samples.size() / samples.shape(0);
  const std::size_t end = std::min(pictures_.size(), offset + samples.shape(0));
  for (std::size_t n = offset; n < end; ++n) {
    pictures_.put(n, samples.data() + (n - offset) * each);
    taken_[n] = true;
  }
}

void SheetWriter::read_others() {
  for (std::size_t n = 0; n < pictures_.size(); ++n) {
    if (taken_[n]) continue;
    const std::string path = sample_path(output_.path, output_.first + n);
    const Image image = read_image(path);
    if (image.pixels.shape() != output_.shape)
      throw Error(path + ": is " + describe(image.pixels.shape()) + " where the model's are " +
                  describe(output_.shape));
    pictures_.put(n, image.pixels.data());
  }
}

void SheetWriter::finish() {
  read_others();
  const Plan plan = plan_of(output_, pictures_.size());
  const Image white{Tensor(output_.shape, 1.0f), Depth::uint8};
  const auto picture = [&](std::size_t place) {
    const std::size_t n = plan.sample(place);
    return n < pictures_.size() ? pictures_[n] : white;
  };
  write_image(output_.sheet.path, contact_sheet({plan.places, picture}, plan.layout));
}

}  // namespace diffusion::cli
