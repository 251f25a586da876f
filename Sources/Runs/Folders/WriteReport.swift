import Foundation
import Reporting
import TensorFiles

/// Writes a page, and the numbers of its figures into a folder beside it that has the page's name
/// without its ending; all get their names together.
///
/// - Throws: `RunError.unwritable`, `FileError.unwritable`.
package func writeReport(_ page: Page, to path: String) throws {
  let data = dataFolder(ofPage: path)
  try createFolder(data)
  var set = FileSet()
  for file in page.dataFiles { try set.write(file.text, path: "\(data)/\(file.name)") }
  try set.write(page.html(data: URL(fileURLWithPath: data).lastPathComponent), path: path)
  try set.commit()
}

/// Where the numbers of a page's figures lie.
package func dataFolder(ofPage path: String) -> String {
  let path = path as NSString
  // A page without an ending would have the name of its folder.
  return path.pathExtension.isEmpty ? "\(path)-data" : path.deletingPathExtension
}

/// The files that ``writeReport(_:to:)`` writes.
package func reportPaths(of page: Page, to path: String) -> [String] {
  page.dataFiles.map { "\(dataFolder(ofPage: path))/\($0.name)" } + [path]
}

/// The files that ``writeDrawings(of:to:)`` writes.
package func drawingPaths(of page: Page, to folder: String) -> [String] {
  page.figures.map { "\(folder)/\($0.name).svg" }
}

/// Writes a report at the end of what wrote the results; one that cannot be written is a warning,
/// since the results are there.
package func writeReport(to path: String, context: RunContext, _ page: () throws -> Page) {
  do {
    try writeReport(try page(), to: path)
    context.log.info("\(path) shows the results")
  } catch {
    context.log.warning("\(path) is not written: \(error)")
  }
}

/// Writes every figure of a page as an SVG file of its own into a folder, which is made.
/// - Throws: `RunError.unwritable`, `FileError.unwritable`.
package func writeDrawings(of page: Page, to folder: String) throws {
  try createFolder(folder)
  var set = FileSet()
  for figure in page.figures {
    try set.write(figure.standaloneSVG, path: "\(folder)/\(figure.name).svg")
  }
  try set.commit()
}
