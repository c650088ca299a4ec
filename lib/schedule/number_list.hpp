// Lists of numbers as a parameter: in place, or in a file of JSON or text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace diffusion {

/// Numbers with ':', ',' or spaces between ("13.3:0:-5"), or else the name of a file:
/// a JSON array, or an object with a key of `names`; or text with a number a line, or
/// columns (commas, semicolons or blanks between), whose first line names one of `names`.
/// Lines that begin with '#' are skipped. At least 1, at most max_steps numbers; throws
/// Error naming the file. "-" is standard input.
std::vector<double> list_of_numbers(const std::string& given,
                                    const std::vector<std::string>& names);

/// What such a file holds, `file` its name.
std::vector<double> numbers_in_text(const std::string& text, const std::vector<std::string>& names,
                                    const std::string& file);

/// Whether that is numbers, not a file.
bool is_in_place(const std::string& given);

/// The same numbers in place: "13.3:0:-5".
std::string numbers_in_place(const std::vector<double>& numbers);

}  // namespace diffusion
