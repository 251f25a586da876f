import Foundation
import Reporting
import TensorFiles

/// Writes a page, and the numbers of its figures into a folder beside it that has the page's name
/// without its ending; all get their names together.
///
/// - Returns: The paths of all files, the page last.
/// - Throws: `RunError.unwritable`, `FileError.unwritable`.
@discardableResult
package func writeReport(_ page: Page, to path: String) throws -> [String] {
  let url = URL(fileURLWithPath: path)
  let name = url.deletingPathExtension().lastPathComponent
  let folder = (path as NSString).deletingPathExtension
  // A page without an ending would have the name of its folder.
  let data = url.pathExtension.isEmpty ? "\(path)-data" : folder
  try createFolder(data)
  var written: [String] = []
  var set = FileSet()
  for file in page.dataFiles {
    try set.write(file.text, path: "\(data)/\(file.name)")
    written.append("\(data)/\(file.name)")
  }
  try set.write(page.html(data: url.pathExtension.isEmpty ? "\(name)-data" : name), path: path)
  try set.commit()
  return written + [path]
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
