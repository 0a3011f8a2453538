/** `Menu`: kept as a tree that tests can look at and click. */
interface Template {
  readonly label?: string
  readonly role?: string
  readonly submenu?: readonly Template[]
  readonly click?: () => void
}

export interface MenuItem {
  readonly label: string
  readonly role: string | undefined
  readonly submenu: Menu | undefined
  click(): void
}

let applicationMenu: Menu | null = null

export class Menu {
  readonly items: readonly MenuItem[]

  constructor(items: readonly MenuItem[]) {
    this.items = items
  }
  static buildFromTemplate(template: readonly Template[]): Menu {
    return new Menu(
      template.map(({ label, role, submenu, click }) => ({
        ...{ label: label ?? role ?? '', role },
        submenu: submenu && Menu.buildFromTemplate(submenu),
        click: () => click?.(),
      })),
    )
  }
  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu
  }
  static getApplicationMenu(): Menu | null {
    return applicationMenu
  }
}
