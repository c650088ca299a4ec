// Points: rows of D numbers, as text or as arrays N x D, that are images of 1 x 1 x D.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// What a file of points holds, its values as they are.
struct Points {
  Tensor values;                 // N x 1 x 1 x D
  std::string name;              // of the file: "x.csv", or "stdin"
  std::string culprit = {};      // what messages call it
  std::vector<int> labels = {};  // N, or none
};

/// The points of a text with a row a line, numbers between commas, tabs or blanks, the first
/// line a heading where it holds names alone; empty lines count for nothing. N x D. Throws Error
/// that names `culprit`, the line and the value: for what is not a finite number of float32, for
/// rows of several lengths, and where there is no row.
Tensor parse_points(std::string_view text, const std::string& culprit);

/// The points of a text called .csv, .tsv or .txt or of a .npy array, N x D or, of floats, N x 1 x
/// 1 x D; nothing where `path` is something else, or is not there. Throws Error.
std::optional<Points> read_points(const std::string& path);

/// Whether it is text by its name: .csv, .tsv or .txt.
bool is_named_as_table(const std::string& path);
/// Whether a .npy file that begins so is such an array.
bool begins_points(std::string_view front);

/// The same of a pipe or of standard input, whose text may have any name; what is something else
/// is left unread.
std::optional<Points> read_points(InputFile& stream, const std::string& data);

/// Throws Error, opened by `culprit`, where something is asked for that means nothing to points:
/// what pictures alone can heed, or an order of axes.
void need_options_of_points(const ImageSetOptions& options, const std::string& culprit);

/// The points as a set, named "x.csv[0]", "x.csv[1]", ... with their row as id, floats of no
/// range. One with a value that is not finite cannot be loaded.
ImageSet set_of_points(Points points);

}  // namespace diffusion
