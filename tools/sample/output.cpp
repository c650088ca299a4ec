#include "tools/sample/output.hpp"

namespace diffusion::cli {

void add_output_options(const Flags& flags, std::string& output, bool& as_float,
                        SheetRequest& sheet) {
  flags.add(
      {"-o,--output", "PATH",
       "Folder, .tar, .npy, .npz, .csv, one picture, or - for an array (the default)", files()},
      output);
  flags.add({"--float", "",
             "Arrays of float32 rather than 8 bits; always where samples are not pictures"},
            as_float);
  flags.add({"--sheet", "FILE", "Also write one picture of all samples", pictures()}, sheet.path);
  flags.add({.names = "--columns",
             .value = "N",
             .help = "Columns of the sheet",
             .values = whole(1, 10000),
             .otherwise = "a row a class, or a square",
             .needs = {"--sheet"}},
            sheet.columns);
  flags.add({.names = "--sheet-numbers",
             .help = "Number the samples beside its rows",
             .needs = {"--sheet"}},
            sheet.numbers);
}

}  // namespace diffusion::cli
