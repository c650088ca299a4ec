// The options that say where samples go.
#pragma once
#include <string>

#include "lib/output/sample_sheet.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

void add_output_options(const Flags& flags, std::string& output, bool& as_float,
                        SheetRequest& sheet);

}  // namespace diffusion::cli
