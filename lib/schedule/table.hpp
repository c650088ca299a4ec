// A schedule as a table for people, spreadsheets and scripts.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// One column; `value` of step t, in double.
struct TableColumn {
  std::string_view name, meaning;
  double (*value)(const Schedule&, int t);
  bool beta_only;  // defined on the variance-preserving path alone

  static std::span<const Synonym> synonyms();  // the keys of schedule files
};

std::span<const TableColumn> table_columns();

/// Columns by name; "all" is all that the path has. Throws Error that lists the names.
std::vector<TableColumn> choose_columns(const Schedule& schedule,
                                        const std::vector<std::string>& names);
/// What `show` prints unless told otherwise.
std::vector<TableColumn> default_columns(const Schedule& schedule);

/// Numbers under names, before they become text.
struct Table {
  std::vector<std::string> header = {};
  std::vector<std::vector<double>> rows = {};
};

/// The rows of `steps`, each 1..T.
Table table_of(const Schedule& schedule, std::span<const int> steps,
               std::span<const TableColumn> columns);

/// An array with an object a row.
Json rows_to_json(const Table& table);

enum class TableFormat { table, csv, tsv, markdown, json };

/// Tables and markdown round to six digits; csv, tsv and json hold the shortest
/// text that reads back the same.
std::string format_table(const Table& table, TableFormat format);

}  // namespace diffusion
